#pragma once
// When and what a run commits: generations, and the weight files that follow from them.

#include "base/owner_file.h"
#include "base/task_queue.h"
#include "models/segmentation_model.h"
#include "models/weight_file.h"
#include "run/run_files.h"
#include "training/checkpoint_interval.h"
#include "training/checkpoint_store.h"
#include "training/optimizer.h"
#include "training/run_state.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace strata {

// A commit that reached the disk.
struct Committed {
  uint64_t step = 0;
  uint64_t generation = 0;
  double seconds = 0;       // from commit() until it was read back
  double cost_seconds = 0;  // of these, what the training lost: copying, waiting, and the processor time of the writing thread
};

// What a generation takes on disk, nearly.
uint64_t checkpoint_bytes(const torch::nn::Module& model, const OptimizerOptions& optimizer);

// Local to rank 0. Writes beside the training: commit() copies and returns, a thread writes.
class Checkpointer {
 public:
  // `owner` must own the directory of `files`; it is asked before every commit, and again before the commit shows.
  Checkpointer(const RunFiles& files, const CheckpointOptions& options, const OwnerFile& owner);

  // As CheckpointStore; the interval of due() begins here.
  std::optional<Checkpoint> load_newest();

  // As CheckpointStore: IoError where the disk has no room for what the run will write.
  void require_room(uint64_t generation_bytes, uint64_t weight_bytes) const {
    store_.require_room(generation_bytes, weight_bytes);
  }

  // By options and clock: is it time for a commit after this step? Never by the clock while one is being written, nor so often
  // that commits cost more than 1 % of the time.
  bool due(uint64_t step) const;
  // Takes a copy (after an earlier commit is written) and returns; `sync` is called before the copy is written. Diverged (79)
  // where a weight or statistic is not finite: such a state must never become the newest good one. What goes wrong with the
  // writing comes out of poll() or wait(): BusyError where another process took the directory over; IoError, CannotCreate.
  void commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer, std::function<void()> sync);

  // weights/last.safetensors, and best.safetensors where the validation after this step is the best so far; as commit(), after
  // it. Same state, same bytes.
  void write_weights(const RunState& state, const SegmentationModel& model, const WeightDescription& description);

  // The commit that was completed since the last call, if one was; throws what went wrong.
  std::optional<Committed> poll();
  // The same, after all is written.
  std::optional<Committed> wait();

  // Of what is on disk. Waits until all is written, whatever comes of it.
  uint64_t newest();
  std::string last_good();

 private:
  void finish_writing();
  void submit_as_owner(std::function<void()> work);

  RunFiles files_;
  const OwnerFile& owner_;
  CheckpointStore store_;
  CheckpointInterval interval_;
  std::mutex mutex_;  // guards the next
  std::optional<Committed> committed_;
  TaskQueue writer_;  // last: ends first
};

}  // namespace strata
