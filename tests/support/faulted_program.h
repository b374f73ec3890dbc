#pragma once
// A whole program in a process of its own that starts in milliseconds: killed at each of its system calls that change files, and
// with each of them failing. A failure is reported or harmless, and the same call again reaches the result of a run that nothing
// interrupted.
//
// CI takes a sample; tests/campaigns/campaign.sh takes all: every STRATA_CALL_STRIDE-th call from STRATA_CALL_FIRST to
// STRATA_CALL_LAST.

#include "base/error.h"
#include "support/fault_injection.h"
#include "support/paths.h"

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

namespace strata::testing {

struct FaultedProgramOptions {
  std::function<ExitCode(const std::filesystem::path& output)> run;        // the program, on one rank
  std::function<std::string(const std::filesystem::path& output)> result;  // what every complete run has in common
  // Files that an interrupted run may leave half done; all others must be those of a complete run.
  std::function<bool(const std::string& file)> unfinished = [](const std::string&) { return true; };
};

// SHA-256 of each file below a directory, by its path from there.
std::map<std::string, std::string> hashes_in(const std::filesystem::path& directory);

class FaultedProgram {
 public:
  // Runs the program once without a fault.
  explicit FaultedProgram(FaultedProgramOptions options);

  pid_t start(const std::filesystem::path& output, const Fault& fault = {}) const;
  // The exit code of what start() started, 128 + signal where one ended it.
  static int code_of(pid_t child);
  int run(const std::filesystem::path& output, const Fault& fault = {}) const { return code_of(start(output, fault)); }

  const std::filesystem::path& straight() const { return straight_; }  // output of the run without a fault
  std::string log() const;                                             // of the last run

  // gtest expectations: `output` holds the result of the run without a fault; after one more call.
  void expect_complete(const std::filesystem::path& output, const std::string& what) const;
  void expect_completes(const std::filesystem::path& output, const std::string& what) const;

  // Of the calls of a run, about `sample` of them; or as the environment says.
  void expect_continued_after_a_death_at_calls(int sample) const;
  // The same for each of ENOSPC, EDQUOT, EIO, EFBIG and EROFS: 74, or 73 for the last, where the failure matters.
  void expect_failures_of_calls_reported_or_harmless(int sample) const;

 private:
  int calls_made() const;
  void expect_whole_files(const std::filesystem::path& output, const std::string& what) const;
  void for_calls(int sample, const std::function<bool(int)>& work) const;

  FaultedProgramOptions options_;
  ScratchDirectory scratch_;
  std::filesystem::path log_, calls_, straight_, output_;
  int calls_of_a_run_ = 0;
  std::string straight_result_;
};

}  // namespace strata::testing
