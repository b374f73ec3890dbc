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

// LayoutOptions say what is read.
struct ConversionOptions : LayoutOptions {
  std::filesystem::path output;            // dataset directory to make or to continue
  std::vector<std::string> splits;         // as the layout calls them; empty: the layout's usual ones
  int tile_size = 1024;                    // of the centroid grid, px; smaller: more centroids, nearer to small objects
  std::string tile_rule = "cover";         // "cover" | "reference" (centroids.h)
  std::filesystem::path centroids = {};    // file of the reference's centroids to take instead; empty: they are found
  std::string keep = "pixels";             // "pixels" | "original" (encoded_sample.h)
  uint64_t shard_size_bytes = 2ull << 30;  // original bytes per shard; larger: fewer files, more work lost by an interruption
  int max_bad = 0;                         // unreadable frames to leave out before giving up; labels must all be good
  enum class Outside { kRefused, kAllowed } outside = Outside::kRefused;  // files that links in the input lead out of it to
  bool dry_run = false;                                                   // say what would be done and write nothing
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
// the directory was begun with, IoError for a full disk. Each rank holds one decoded sample and one coded; among several ranks
// five coded ones, and the shard's owner one more per rank.
ConversionResult convert(const ConversionOptions& options, const Communicator& comm, const StopConditions& stop);

}  // namespace strata
