#pragma once
// From a raw dataset to a dataset directory.

#include "comm/communicator.h"
#include "comm/stop.h"
#include "data/manifest.h"
#include "preprocess/plan.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata {

struct ConversionOptions {
  std::string dataset;                              // layout: "cityscapes", "camvid"
  std::filesystem::path input;                      // directory of the raw dataset
  std::filesystem::path output;                     // dataset directory to make or to continue
  std::vector<std::string> splits{"train", "val"};  // as the layout calls them
  int tile_size = 1024;                             // of the centroid grid, px; smaller: more centroids, nearer to small objects
  std::string tile_rule = "cover";                  // "cover" | "reference" (centroids.h)
  uint64_t shard_size_bytes = 2ull << 30;  // original bytes per shard; larger: fewer files, more work lost by an interruption
  int max_bad = 0;                         // unreadable frames to leave out before giving up; labels must all be good
  bool dry_run = false;                    // say what would be done and write nothing
};

struct ConversionResult {
  enum class State { kPlanned, kComplete, kAlreadyComplete, kStopped } state = State::kComplete;
  std::vector<SplitTotals> source;  // what there was, per split
  Manifest manifest;                // what there is now (kComplete, kAlreadyComplete)
};

// Collective. Writes shards in the order of the plan; all ranks encode for one shard, its owner writes. The directory has the
// same bytes for any number of ranks and after any interruption: finished shards are kept with their hashes in unfinished.json,
// which the same options continue and the manifest replaces. kStopped where `stop` said so, after the last finished shard.
//
// Errors (all ranks throw the same): MissingInput for input that is not there, DataError for bad input beyond max_bad,
// CannotCreate for an output directory that cannot be written or is not ours, ConfigError for options out of range or other than
// the directory was begun with, IoError for a full disk. Holds one coded sample per rank at the shard's owner, and one decoded
// sample everywhere.
ConversionResult convert(const ConversionOptions& options, const Communicator& comm, const StopConditions& stop);

}  // namespace strata
