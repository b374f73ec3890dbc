#pragma once
// A program under mpirun in the background: to be watched, signalled and killed.

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace strata::testing {

enum class StartedBy {
  kMpirun,    // as after `exec mpirun` in a script
  kJobScript  // bash with jobs/launch.sh, which hands USR1 and TERM on to mpirun
};

class TrainingProcess {
 public:
  // `arguments` follow the program `name`. Output of all ranks goes to `log`.
  TrainingProcess(int ranks, const std::string& arguments, const std::filesystem::path& log,
                  const std::string& name = "strata-train", StartedBy started_by = StartedBy::kMpirun);
  ~TrainingProcess();  // kills what is left
  TrainingProcess(const TrainingProcess&) = delete;
  TrainingProcess& operator=(const TrainingProcess&) = delete;

  pid_t launcher() const { return launcher_; }  // mpirun, or the script
  // Sends the signal to all ranks.
  void signal_ranks(int number);

  // Process ids of the ranks, by rank; empty until all have started.
  const std::vector<pid_t>& ranks();

  // Until `condition` holds; false where the launcher ended before.
  bool wait_until(const std::function<bool()>& condition);
  // The launcher's exit code, 128 + signal where one ended it; when the ranks are gone, too.
  int wait();
  bool running();
  std::string log() const;

 private:
  int ranks_wanted_;
  std::filesystem::path log_;
  std::string name_;
  pid_t launcher_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::vector<pid_t> ranks_;
};

// Rows in a table below its header; 0 where there is none.
int rows_of(const std::filesystem::path& csv);
// Committed checkpoints that stand in a run directory.
int generations_in(const std::filesystem::path& run);
// The step of the newest of them; 0 where there is none.
int newest_step_in(const std::filesystem::path& run);

}  // namespace strata::testing
