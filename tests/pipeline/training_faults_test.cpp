// The whole of training, in a process of its own that starts in milliseconds: killed at random moments, killed at each of its
// system calls that change files, and with each of them failing. The same call again reaches the bits of a run that nothing
// interrupted.
//
// CI takes a sample; tests/campaigns/campaign.sh takes all: STRATA_TRAINING_KILLS kills with STRATA_KILL_SEED, every
// STRATA_CALL_STRIDE-th call from STRATA_CALL_FIRST on.

#include "base/sha256.h"
#include "comm/stop.h"
#include "config/training_options.h"
#include "lib/training/fault_injection.h"
#include "pipeline/pipeline.h"
#include "support/environment_number.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;

constexpr std::array kErrors = {ENOSPC, EDQUOT, EIO, EFBIG, EROFS};
constexpr int kMostCalls = 100'000;  // more than any run here makes

class TrainingFaults : public ::testing::Test {
 protected:
  pid_t start(const fs::path& run, const Fault& fault = {}) {
    const std::vector<std::string> words = {"strata-train",
                                            "--config",
                                            tiny_config().string(),
                                            "--data",
                                            tiny_dataset().data.string(),
                                            "--run",
                                            run.string(),
                                            "--schedule.epochs",
                                            "2",
                                            "--checkpoint.every_steps",
                                            "1",
                                            "--loader.threads",
                                            "1"};
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    TrainingOptions options = *parse_training_options(static_cast<int>(arguments.size()), arguments.data());
    options.threads_per_rank = 1;
    const pid_t child = fork();
    if (child != 0) return child;
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(log, STDERR_FILENO);
    install_signal_handlers();
    int code = static_cast<int>(ExitCode::kInternal);
    arm(fault);
    try {
      code = static_cast<int>(train(options, Communicator()));
    } catch (const Error& e) {
      dprintf(STDERR_FILENO, "%s\n", e.what());
      code = static_cast<int>(e.code());
    } catch (const std::exception& e) {
      dprintf(STDERR_FILENO, "not an error of ours: %s\n", e.what());
    }
    const int calls = disarm();
    const int counted = open(calls_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dprintf(counted, "%d", calls);
    _exit(code);
  }
  static bool ends_within(pid_t child, double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      siginfo_t info{};
      if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) return true;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return false;
  }
  static int code_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int train_with(const fs::path& run, const Fault& fault = {}) { return code_of(start(run, fault)); }
  int calls_made() const { return std::stoi(read(calls_)); }

  static std::string result_of(const fs::path& run) {
    return sha256_of_file(run / "weights/last.safetensors") + " " + sha256_of_file(run / "weights/best.safetensors") + " " +
           sha256_of_file(run / "metrics.csv");
  }
  // The same call without a fault completes the run, to the bits.
  void expect_completes(const fs::path& run, const std::string& what) {
    EXPECT_EQ(train_with(run), 0) << what << "\n" << read(log_);
    EXPECT_EQ(result_of(run), straight_) << what;
  }
  void SetUp() override {
    ASSERT_EQ(train_with(scratch_ / "straight"), 0) << read(log_);
    calls_of_a_run_ = calls_made();
    straight_ = result_of(scratch_ / "straight");
    fmt::print("a run makes {} calls\n", calls_of_a_run_);
    ASSERT_GT(calls_of_a_run_, 100);
  }
  // Of the calls 1, 2, ... until the run makes no more.
  template <typename Work>
  void for_calls(int sample, const Work& work) {
    const int stride = number_from("STRATA_CALL_STRIDE", std::max(1, calls_of_a_run_ / sample));
    const int last = number_from("STRATA_CALL_LAST", kMostCalls);
    for (int at = number_from("STRATA_CALL_FIRST", 1 + static_cast<int>(std::random_device()() % static_cast<unsigned>(stride)));
         at <= last; at += stride) {
      if (!work(at)) return;
    }
  }

  ScratchDirectory scratch_;
  fs::path log_ = scratch_ / "log", calls_ = scratch_ / "calls", run_ = scratch_ / "run";
  int calls_of_a_run_ = 0;
  std::string straight_;
};

TEST_F(TrainingFaults, AKillAtRandomMomentsEndsInTheStraightRunsBits) {
  const int wanted = number_from("STRATA_TRAINING_KILLS", 10);
  const int seed = number_from("STRATA_KILL_SEED", static_cast<int>(std::random_device()() % 100000));
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_EQ(train_with(scratch_ / "timed"), 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  int kills = 0, runs = 0, within_write = 0, of_one_run = 0;
  while (kills < wanted) {
    const pid_t child = start(run_);
    // Later the more often this run was killed, so that it gets on.
    const double moment = std::uniform_real_distribution(0.0, seconds * (1 + 0.1 * of_one_run))(random);
    if (!ends_within(child, moment)) kill(child, SIGKILL);
    const int code = code_of(child);
    if (code != 0) {
      ASSERT_EQ(code, 128 + SIGKILL) << read(log_);
      ++kills, ++of_one_run;
      within_write += fs::exists(run_ / "checkpoints/writing");
      continue;
    }
    ASSERT_EQ(result_of(run_), straight_) << "run " << runs << " of the campaign with seed " << seed;
    fs::remove_all(run_);
    ++runs, of_one_run = 0;
  }
  expect_completes(run_, fmt::format("the last run of the campaign with seed {}", seed));
  fmt::print("{} kills (seed {}): {} within the write of a checkpoint; {} runs, all with the straight run's bits\n", kills, seed,
             within_write, runs + 1);
}

TEST_F(TrainingFaults, ADeathAtAnyCallIsContinuedToTheStraightRunsBits) {
  int deaths = 0;
  for_calls(6, [&](int at) {
    const int code = train_with(run_, {.at = at});
    if (code == 0) return false;
    EXPECT_EQ(code, 128 + SIGKILL) << "call " << at;
    ++deaths;
    expect_completes(run_, fmt::format("killed at call {}", at));
    fs::remove_all(run_);
    return !HasFailure();
  });
  fmt::print("{} deaths, each at another call, all continued to the straight run's bits\n", deaths);
  EXPECT_GT(deaths, 0);
}

TEST_F(TrainingFaults, AFailureOfAnyCallIsReportedOrHarmlessAndContinuedToTheStraightRunsBits) {
  for (const int error : kErrors) {
    int reported = 0, harmless = 0;
    for_calls(2, [&](int at) {
      const int code = train_with(run_, {.at = at, .error = error});
      const std::string what = fmt::format("{} at call {}", std::strerror(error), at);
      EXPECT_THAT(code, AnyOf(0, error == EROFS ? 73 : 74)) << what << "\n" << read(log_);
      const bool met = calls_made() >= at;
      ++(code == 0 ? harmless : reported);
      if (code == 0) {
        EXPECT_EQ(result_of(run_), straight_) << what;
      }
      expect_completes(run_, what);
      fs::remove_all(run_);
      return met && !HasFailure();
    });
    fmt::print("{}: {} failures reported, {} harmless; all continued to the straight run's bits\n", std::strerror(error),
               reported, harmless);
    EXPECT_GT(reported, 0);
  }
}

}  // namespace
}  // namespace strata::testing
