#pragma once
// The dataset directory while it is being made: which shards are finished, proved by their hashes, and what may be done with a
// directory found there.

#include "data/manifest.h"
#include "preprocess/plan.h"

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace strata {

// A shard and its part of the manifest: `entry.shards` holds it alone.
struct FinishedShard {
  std::string fingerprint;  // PlannedShard's
  SplitEntry entry;
};

nlohmann::json to_json(const FinishedShard& shard);
FinishedShard finished_from_json(const nlohmann::json& json);

// One rank uses this (root); what it knows is spread by convert().
class OutputDirectory {
 public:
  enum class Found { kNew, kUnfinished, kComplete };

  // Looks, and changes nothing. CannotCreate for a directory that is not ours, or complete but made from other files; ConfigError
  // where it was begun with other options; DataError for a complete one that lost a shard.
  OutputDirectory(const std::filesystem::path& directory, const Manifest& wanted);

  Found found() const { return found_; }

  // Creates the directory and unfinished.json, removes what an interrupted run left half done and shards that the plan does not
  // know. CannotCreate where nothing can be written.
  void begin(const Plan& plan);
  // kComplete: removes what a run left that was interrupted after its manifest.
  void tidy();
  // By fingerprint; their files are there with the right size, their hashes are for the caller to check.
  const std::map<std::string, FinishedShard>& finished() const { return finished_; }
  void forget(const std::string& fingerprint);
  // The shard's file has its final name. Durable on return.
  void record(const FinishedShard& shard);
  // Writes the manifest and removes unfinished.json.
  void complete(const Manifest& manifest);

 private:
  void load_unfinished();
  void write_unfinished() const;

  std::filesystem::path directory_;
  Found found_ = Found::kNew;
  Manifest wanted_;  // without shards
  std::map<std::string, FinishedShard> finished_;
};

}  // namespace strata
