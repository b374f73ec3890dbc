#pragma once
// When and what a run commits: generations, and the weight files that follow from them.

#include "base/owner_file.h"
#include "models/segmentation_model.h"
#include "models/weight_file.h"
#include "training/checkpoint_store.h"
#include "training/optimizer.h"
#include "training/run_files.h"
#include "training/run_state.h"

#include <cstdint>
#include <optional>
#include <string>

namespace strata {

// Local to rank 0.
class Checkpointer {
 public:
  // `owner` must own the directory of `files`; it is asked before every commit.
  Checkpointer(const RunFiles& files, const CheckpointOptions& options, const OwnerFile& owner);

  // As CheckpointStore; the interval of due() begins here.
  std::optional<Checkpoint> load_newest();

  // By options and clock: is it time for a commit after this step?
  bool due(uint64_t step) const;
  // Diverged (79) where a weight or statistic is not finite: such a state must never become the newest good one. BusyError where
  // another process took the directory over; IoError, CannotCreate.
  void commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer);

  // weights/last.safetensors, and best.safetensors where the validation after this step is the best so far. Same state, same
  // bytes.
  void write_weights(const RunState& state, const SegmentationModel& model, const WeightDescription& description) const;

  uint64_t newest() const { return store_.newest(); }
  std::string last_good() const { return store_.last_good(); }
  double last_commit_seconds() const { return last_commit_seconds_; }

 private:
  void restart_interval(uint64_t step);

  RunFiles files_;
  CheckpointOptions options_;
  const OwnerFile& owner_;
  CheckpointStore store_;
  uint64_t interval_step_ = 0;
  double interval_begun_ = 0;  // monotonic
  double last_commit_seconds_ = 0;
};

}  // namespace strata
