#pragma once
// One living job per run directory, on any file system, whatever the scheduler lost track of.
//
// Owner files are numbered: owner-000007.json. The highest number owns the directory. Who takes over creates the next number with
// link(2), which one process alone can do; so the number is a fencing token: an owner that was stopped for long finds a higher
// number before its next commit.

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>

namespace strata {

struct OwnerOptions {
  double patience_seconds =
      60;  // how long an owner's heartbeat may stand still before it counts as dead; smaller: faster, less safe
  double heartbeat_seconds = 5;                               // between two beats; well below patience_seconds of everybody
  std::function<bool()> stop_waiting = [] { return false; };  // asked while watching another owner, e.g. for stop signals
};

class OwnerFile {
 public:
  // Owns the directory from here on. At once where nobody does, where the owner has released it, is a dead process of this boot
  // of this host, or is an earlier start of this same Slurm job (higher SLURM_RESTART_COUNT). Else watches the owner's heartbeat
  // by the monotonic clock: takes over when it stands still, BusyError (69) naming job, host, pid and heartbeat age when it
  // moves. stop_waiting gives an Error with ExitCode::kResume.
  explicit OwnerFile(std::filesystem::path directory, OwnerOptions options = {});
  // Releases the directory.
  ~OwnerFile();
  OwnerFile(const OwnerFile&) = delete;
  OwnerFile& operator=(const OwnerFile&) = delete;

  bool still_mine() const;
  // To be called before every commit: BusyError naming the new owner where this process was taken for dead.
  void require_mine() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  bool try_to_own();
  void wait_for(const std::filesystem::path& owner) const;
  void beat_until_told();
  void write_beat(const std::string& beat);

  std::filesystem::path directory_;
  OwnerOptions options_;
  std::filesystem::path path_;  // of our file
  std::string token_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread heart_;
};

// What an onlooker, who wants nothing of the directory, sees of its owner. Local; writes nothing.
struct OwnerSight {
  std::string description;           // "job 4711, process 123 on n0, last heartbeat 3 s ago"
  bool released = false;             // it ended in order, or its process is known to be dead
  double heartbeat_age_seconds = 0;  // by the clocks of this machine and of the file server
};
std::optional<OwnerSight> look_at_owner(const std::filesystem::path& directory);

}  // namespace strata
