#pragma once
// The command line of strata-run: a verb, run directories, options.

#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct RunCommand {
  enum class Verb { kStatus, kCompare } verb = Verb::kStatus;
  std::filesystem::path first, second;  // status: first; compare: both
  std::string time_limit;               // of status: length of a job; empty: that of the newest start
  double job_seconds = 0;               // the same in seconds; 0: not given
};

// As parse_training_options(); UsageError lists the verbs where there is none.
std::optional<RunCommand> parse_run_command(int argc, const char* const* argv);

}  // namespace strata
