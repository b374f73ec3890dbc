#pragma once
// Generations of a run on disk, by the commit protocol: whole or not there. No HDF5, no pickle.
//
//   checkpoints/gen-000042/            (training/generation.h)
//   checkpoints/gen-000043.tmp-1a2b3c  one being written or removed; swept away by the next start
//   checkpoints/writing                there while commit() runs

#include "models/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

namespace strata {

struct CheckpointOptions {
  double every_seconds = 600;  // smaller: less work lost to a kill, more time spent writing; longer by itself where that would be
                               // more than 1 % of the time; 0: off
  int64_t every_steps = 0;     // 0: off
  int keep = 2;                // newest generations kept, at least 2
};

struct Checkpoint {
  uint64_t generation = 0;
  NamedTensors model;
  NamedTensors optimizer;
  nlohmann::json state;  // everything else that a run needs to continue (training/run_state.h)
};

// Local to rank 0, whose process must own the run directory: two stores on one directory destroy each other's temporaries.
class CheckpointStore {
 public:
  // Creates the directory (CannotCreate) and removes what a killed process left half written.
  CheckpointStore(std::filesystem::path directory, const CheckpointOptions& options);

  // Says what a run will take and proves that it fits, before any work could be lost: IoError (74) where it does not, also by a
  // quota or a limit on file sizes where the file system tells. `generation_bytes` of one generation, `other_bytes` of what else
  // the run writes.
  void require_room(uint64_t generation_bytes, uint64_t other_bytes) const;

  // Writes, syncs and renames a generation numbered newest() + 1 (`checkpoint.generation` is ignored); then re-reads it and only
  // then removes those beyond `keep`. Fails with IoError or CannotCreate naming path, bytes needed and free, and the last good
  // generation, which is untouched. A kill at any moment leaves either the old or the new generation as the newest whole one.
  // `require_owner` throws where the directory is another process's by now: nothing is renamed or removed after that.
  void commit(
      const Checkpoint& checkpoint, const std::function<void()>& require_owner = [] {});

  // The newest whole generation; damaged newer ones are named in a warning and make way at the next commit. Nothing where no
  // generation exists. FormatError (76) where all are damaged, and where the newest was written by a newer format, whatever older
  // ones there are.
  std::optional<Checkpoint> load_newest();

  // Number of the newest generation, whole or not; 0 where there is none.
  uint64_t newest() const;

  // "checkpoint gen-000042" of the newest generation not known to be damaged, or "no checkpoint", for messages.
  std::string last_good() const;

 private:
  std::vector<uint64_t> generations() const;  // newest first
  std::filesystem::path path_of(uint64_t generation) const;
  std::filesystem::path temporary_of(uint64_t generation) const;
  void publish(const Checkpoint& checkpoint, const std::filesystem::path& temporary, const std::function<void()>& require_owner);
  void remove_superseded();
  void remove_generation(uint64_t generation);
  std::string explain_failure(const std::string& cause, uint64_t bytes_needed) const;

  std::filesystem::path directory_;
  CheckpointOptions options_;
  std::set<uint64_t> damaged_;
};

}  // namespace strata
