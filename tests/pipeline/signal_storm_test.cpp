// Signals of every kind that asks to stop, repeated, to one rank, to all or through mpirun, at random moments from the first on,
// with SIGCONT among them: each program ends with 75 (or is already done), and the same command reaches the result of a run that
// nobody disturbed.
//
// STRATA_STORMS=200 (a program) makes it a campaign; STRATA_STORM_SEED repeats one.

#include "apps/training_process.h"
#include "base/clock.h"
#include "base/sha256.h"
#include "pipeline/pipeline.h"
#include "support/environment_number.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;

constexpr int kRanks = 2, kDone = 0, kNoProgress = 71, kResume = 75;
constexpr std::array kSignals = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP, SIGCONT};
constexpr std::array kForwarded = {SIGUSR1, SIGUSR2};  // by mpirun; the others end it, and its ranks two seconds later

bool handles_signals(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigCgt:")) return std::stoull(line.substr(7), nullptr, 16) >> (SIGHUP - 1) & 1;
  }
  return false;
}

bool all_handle_signals(const std::vector<pid_t>& ranks) {
  return !ranks.empty() && std::all_of(ranks.begin(), ranks.end(), handles_signals);
}

class SignalStorm : public ::testing::Test {
 protected:
  void SetUp() override {
    const int seed = number_from("STRATA_STORM_SEED", static_cast<int>(std::random_device()() % 100000));
    random_.seed(static_cast<unsigned>(seed));
    fmt::print("seed {}\n", seed);
  }
  int below(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }

  // One to six signals within a third of a second.
  void storm(TrainingProcess& process) {
    const std::vector<pid_t> ranks = process.ranks();
    const int signals = 1 + below(6);
    for (int i = 0; i < signals && process.running(); ++i) {
      const int number = kSignals[static_cast<size_t>(below(i == 0 ? 5 : 6))];
      const int whom = below(3);
      if (whom == 0) kill(ranks[static_cast<size_t>(below(kRanks))], number);
      if (whom == 1) process.signal_ranks(number);
      if (whom == 2) kill(process.launcher(), kForwarded[static_cast<size_t>(below(2))]);
      std::this_thread::sleep_for(std::chrono::milliseconds(below(60)));
    }
  }

  // Storms over the program, the first from its first handler on; then lets it end.
  void weather(const std::string& name, const std::function<std::string(int)>& arguments, double straight_seconds,
               const std::function<void(int)>& completed) {
    const int storms = number_from("STRATA_STORMS", 3);
    int resumed = 0, run = 0;
    double slowest = 0;  // seconds from the first signal to the end with 75
    for (int i = 0; i < storms; ++i) {
      TrainingProcess process(kRanks, arguments(run), log_, name);
      // Before main() has its handlers in place, a signal ends the process, and nothing was begun.
      process.wait_until([&] { return all_handle_signals(process.ranks()); });
      if (i > 0) std::this_thread::sleep_for(std::chrono::duration<double>(straight_seconds * below(1000) / 1000.0));
      const double begun = monotonic_seconds();
      if (process.running()) storm(process);
      const int code = process.wait();
      if (code == kResume) slowest = std::max(slowest, monotonic_seconds() - begun);
      EXPECT_THAT(code, AnyOf(kDone, kResume, kNoProgress)) << process.log();
      resumed += code == kResume;
      if (code == kDone) completed(run++);
    }
    TrainingProcess process(kRanks, arguments(run), log_, name);
    EXPECT_EQ(process.wait(), kDone) << process.log();
    completed(run);
    EXPECT_GE(resumed, 1 + storms / 10) << "of " << storms << " storms";
    fmt::print("{}: {} storms, {} ended with 75, {:.2f} s after the first signal at most, {} completed runs\n", name, storms,
               resumed, slowest, run + 1);
  }

  double seconds_of(const std::string& name, const std::string& arguments) {
    const double begun = monotonic_seconds();
    TrainingProcess process(kRanks, arguments, log_, name);
    EXPECT_EQ(process.wait(), kDone) << process.log();
    return monotonic_seconds() - begun;
  }

  ScratchDirectory scratch_;
  fs::path log_ = scratch_ / "log";
  std::mt19937 random_;
};

TEST_F(SignalStorm, OverTrainingEndsInTheStraightRunsBits) {
  const auto arguments = [&](const std::string& run) {
    return fmt::format("--config '{}' --data '{}' --run '{}' --schedule.epochs 8 --validation.every_epochs 4",
                       tiny_config().string(), tiny_dataset().data.string(), (scratch_ / run).string());
  };
  const auto result = [&](const std::string& run) {
    return sha256_of_file(scratch_ / run / "weights/last.safetensors") + sha256_of_file(scratch_ / run / "metrics.csv");
  };
  const auto run = [](int number) { return fmt::format("run-{}", number); };
  const double seconds = seconds_of("strata-train", arguments("straight"));
  weather(
      "strata-train", [&](int number) { return arguments(run(number)); }, seconds,
      [&](int number) { EXPECT_EQ(result(run(number)), result("straight")); });
}

TEST_F(SignalStorm, OverPreprocessingEndsInTheSameBytes) {
  const auto arguments = [&](const std::string& output) {
    return fmt::format("--dataset cityscapes --input '{}' --output '{}' --splits train,val --shard-size 60KiB",
                       tiny_dataset().raw.string(), (scratch_ / output).string());
  };
  const auto output = [](int number) { return fmt::format("data-{}", number); };
  const double seconds = seconds_of("strata-preprocess", arguments("straight"));
  weather(
      "strata-preprocess", [&](int number) { return arguments(output(number)); }, seconds,
      [&](int number) {
        const CommandResult diff =
            run_command(fmt::format("diff -r '{}' '{}'", (scratch_ / "straight").string(), (scratch_ / output(number)).string()));
        EXPECT_EQ(diff.exit_code, 0) << diff.output;
      });
}

TEST_F(SignalStorm, OverEvaluationEndsInTheSameIntegers) {
  const double ignored =
      seconds_of("strata-train", fmt::format("--config '{}' --data '{}' --run '{}' --schedule.epochs 1", tiny_config().string(),
                                             tiny_dataset().data.string(), (scratch_ / "run").string()));
  EXPECT_GT(ignored, 0);
  const auto arguments = [&](const std::string& output) {
    return fmt::format("--data '{}' --split train --weights '{}' --output '{}' --scales 0.5,1,2 --flip --pictures 2",
                       tiny_dataset().data.string(), (scratch_ / "run").string(), (scratch_ / output).string());
  };
  const auto output = [](int number) { return fmt::format("eval-{}", number); };
  const double seconds = seconds_of("strata-evaluate", arguments("straight"));
  weather(
      "strata-evaluate", [&](int number) { return arguments(output(number)); }, seconds,
      [&](int number) {
        EXPECT_EQ(sha256_of_file(scratch_ / output(number) / "metrics.json"),
                  sha256_of_file(scratch_ / "straight" / "metrics.json"));
      });
}

}  // namespace
}  // namespace strata::testing
