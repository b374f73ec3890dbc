#pragma once
// Shards copied once to a disk of each node, so that no epoch after that asks the shared file system for pixels.

#include "comm/communicator.h"

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

struct StagingOptions {
  std::filesystem::path directory;  // on each node's own disk; empty: shards are read where they lie
  std::vector<std::string> splits;  // whose shards are copied
};

// Collective. The directory that this rank reads `dataset` from: a folder of options.directory, named after the dataset's id, or
// `dataset` itself where nothing is to be staged. One rank of each node copies, every file under a temporary name, compared with
// the manifest's SHA-256 and renamed; shards that are there already and have the right SHA-256 are used as they are, whoever left
// them there. Nothing is deleted afterwards.
//
// Where the disk has too little room, cannot be written or fails, or a signal to stop arrives (comm/stop.h), that node says so and
// reads in place: slower, not wrong.
// DataError on all ranks where a shard of `dataset` is not the manifest's, MissingInput where it is not there.
std::filesystem::path stage_dataset(const std::filesystem::path& dataset, const StagingOptions& options,
                                    const Communicator& world);

}  // namespace strata
