#include "support/faulted_program.h"

#include "base/files.h"
#include "base/main.h"
#include "base/sha256.h"
#include "comm/stop.h"
#include "support/environment_number.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>

namespace strata::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Test;

constexpr std::array kErrors = {ENOSPC, EDQUOT, EIO, EFBIG, EROFS};
constexpr int kMostCalls = 100'000;  // more than any run here makes
constexpr int kFewestCalls = 20;

int code_for(int error) { return static_cast<int>(error == EROFS ? ExitCode::kCannotCreate : ExitCode::kIo); }

}  // namespace

std::map<std::string, std::string> hashes_in(const fs::path& directory) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) hashes[fs::relative(entry.path(), directory).string()] = sha256_of_file(entry.path());
  }
  return hashes;
}

FaultedProgram::FaultedProgram(FaultedProgramOptions options)
    : options_(std::move(options)),
      log_(scratch_ / "log"),
      calls_(scratch_ / "calls"),
      straight_(scratch_ / "straight"),
      output_(scratch_ / "output") {
  EXPECT_EQ(run(straight_), 0) << log();
  calls_of_a_run_ = calls_made();
  straight_result_ = options_.result(straight_);
  fmt::print("a run makes {} calls\n", calls_of_a_run_);
  EXPECT_GT(calls_of_a_run_, kFewestCalls);
}

pid_t FaultedProgram::start(const fs::path& output, const Fault& fault) const {
  const pid_t child = fork();
  if (child != 0) return child;
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  install_signal_handlers();
  arm(fault);
  const int code = run_main([&] { return options_.run(output); });
  const int calls = disarm();
  const int counted = open(calls_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dprintf(counted, "%d", calls);
  _exit(code);
}

int FaultedProgram::code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string FaultedProgram::log() const { return read_text_file(log_); }
int FaultedProgram::calls_made() const { return std::stoi(read_text_file(calls_)); }

void FaultedProgram::expect_complete(const fs::path& output, const std::string& what) const {
  EXPECT_EQ(options_.result(output), straight_result_) << what;
}

void FaultedProgram::expect_completes(const fs::path& output, const std::string& what) const {
  EXPECT_EQ(run(output), 0) << what << "\n" << log();
  expect_complete(output, what);
}

void FaultedProgram::expect_whole_files(const fs::path& output, const std::string& what) const {
  if (!fs::exists(output)) return;
  const std::map<std::string, std::string> whole = hashes_in(straight_);
  for (const auto& file : hashes_in(output)) {
    if (!options_.unfinished(file.first)) {
      EXPECT_THAT(whole, Contains(file)) << what;
    }
  }
}

// Until the run makes no more.
void FaultedProgram::for_calls(int sample, const std::function<bool(int)>& work) const {
  const int stride = number_from("STRATA_CALL_STRIDE", std::max(1, calls_of_a_run_ / sample));
  const int last = number_from("STRATA_CALL_LAST", kMostCalls);
  for (int at = number_from("STRATA_CALL_FIRST", 1 + static_cast<int>(std::random_device()() % static_cast<unsigned>(stride)));
       at <= last && !Test::HasFailure(); at += stride) {
    const bool met = work(at);
    fs::remove_all(output_);
    if (!met) return;
  }
}

void FaultedProgram::expect_continued_after_a_death_at_calls(int sample) const {
  int deaths = 0;
  for_calls(sample, [&](int at) {
    const std::string what = fmt::format("killed at call {}", at);
    const int code = run(output_, {.at = at});
    if (code == 0) return false;
    EXPECT_EQ(code, 128 + SIGKILL) << what;
    ++deaths;
    expect_whole_files(output_, what);
    expect_completes(output_, what);
    return true;
  });
  fmt::print("{} deaths, each at another call, all continued to the straight run's bits\n", deaths);
  EXPECT_GT(deaths, 0);
}

void FaultedProgram::expect_failures_of_calls_reported_or_harmless(int sample) const {
  for (const int error : kErrors) {
    int reported = 0, harmless = 0;
    for_calls(sample, [&](int at) {
      const std::string what = fmt::format("{} at call {}", std::strerror(error), at);
      const int code = run(output_, {.at = at, .error = error});
      const bool met = calls_made() >= at;
      EXPECT_THAT(code, AnyOf(0, code_for(error))) << what << "\n" << log();
      if (code == 0) {
        harmless += met;
        expect_complete(output_, what);
      } else {
        ++reported;
        EXPECT_THAT(log(), HasSubstr(std::strerror(error))) << what;
        expect_whole_files(output_, what);
      }
      if (met) expect_completes(output_, what);
      return met;
    });
    fmt::print("{}: {} failures reported, {} harmless; all continued to the straight run's bits\n", std::strerror(error),
               reported, harmless);
    EXPECT_GT(reported, 0);
  }
}

}  // namespace strata::testing
