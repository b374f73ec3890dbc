#pragma once
// One shard of the plan, encoded by all ranks and written by its owner.

#include "base/progress.h"
#include "comm/communicator.h"
#include "comm/stop.h"
#include "preprocess/bad_files.h"
#include "preprocess/encoding_queue.h"
#include "preprocess/output_directory.h"
#include "preprocess/plan.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace strata {

struct ShardTask {
  const PlannedShard& shard;
  std::filesystem::path directory;
  const LabelSet& labels;
  EncodingQueue& encoded;                         // at this rank's first sample of this shard
  int owner = 0;                                  // rank that writes
  std::function<bool()> stop;                     // collective, asked once a round
  std::function<void(uint64_t samples)> advance;  // told of samples done
};

// The samples of these shards that this rank encodes: number n of a shard is rank n mod size's.
std::vector<const SourceSample*> own_share(const std::vector<const PlannedShard*>& shards, const Communicator& comm);

// Collective. Round by round each rank gives the next sample of its share; the owner gathers and writes them in order. The result
// is the same on all ranks; nothing where `stop` said so, and then no file is left. Throws as convert().
std::optional<FinishedShard> convert_shard(const ShardTask& task, const Communicator& comm, BadFiles& bad_files);

}  // namespace strata
