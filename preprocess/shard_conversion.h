#pragma once
// One shard of the plan, encoded by all ranks and written by its owner.

#include "base/progress.h"
#include "comm/communicator.h"
#include "comm/stop.h"
#include "preprocess/bad_files.h"
#include "preprocess/encoded_sample.h"
#include "preprocess/output_directory.h"
#include "preprocess/plan.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace strata {

struct ShardTask {
  const PlannedShard& shard;
  std::filesystem::path directory;
  const Layout& layout;
  EncodeOptions encode;
  int owner = 0;                                  // rank that writes
  std::function<bool()> stop;                     // collective, asked once a round
  std::function<void(uint64_t samples)> advance;  // told of samples done
};

// Collective. Round by round each rank encodes one sample; the owner gathers and writes them in order. The result is the same on
// all ranks; nothing where `stop` said so, and then no file is left. Throws as convert().
std::optional<FinishedShard> convert_shard(const ShardTask& task, const Communicator& comm, BadFiles& bad_files);

}  // namespace strata
