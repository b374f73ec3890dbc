// Signals of every kind that asks to stop, repeated, to one rank, to all, to mpirun or to a job script, at random moments from
// the first on, with SIGCONT among them: each program ends with 75 (or is already done), training within the step after the one
// in which the signal came, and the same command goes on from the newest checkpoint to the result of a run that nobody disturbed.
// Also where mpirun itself is told to end, and leaves its ranks two seconds.
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
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr int kRanks = 2, kDone = 0, kOfMpirun = 1, kNoProgress = 71, kResume = 75;
constexpr int kTrainingSteps = 16;  // 8 epochs
constexpr int kMostStepsLater = 1;  // of the end of training, than the step that was noted when the signal had been sent
constexpr std::array kAskingToStop = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};
constexpr std::array kSignals = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP, SIGCONT};
constexpr std::array kForwardedByMpirun = {SIGUSR1, SIGUSR2};
constexpr std::array kEndingMpirun = {SIGTERM, SIGINT, SIGHUP};  // its ranks get TERM a second later, and KILL after another
constexpr std::array kForwardedByScript = {SIGUSR1, SIGTERM};

// To whom a storm's signals go, besides ranks.
enum class Route { kMpirun, kJobScript, kEndOfMpirun };
constexpr std::array kRoutes = {Route::kMpirun, Route::kJobScript, Route::kEndOfMpirun};

// The number after `words` in a text; nothing where they are not there.
std::optional<int> number_after(const std::string& words, const std::string& text) {
  const size_t at = text.find(words);
  return at == std::string::npos ? std::nullopt : std::optional(std::atoi(text.c_str() + at + words.size()));
}

// A program that storms go over, in one run after the other.
struct Weathered {
  std::string name;
  std::function<std::string(int)> arguments;  // of a run
  double straight_seconds;
  std::function<void(int)> expect_result;
  std::function<fs::path(int)> training = {};  // run directory, where it is one
};

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

  template <size_t n>
  int one_of(const std::array<int, n>& signals) {
    return signals[static_cast<size_t>(below(n))];
  }

  // True where a rank was asked to stop without anyone between.
  bool strike(TrainingProcess& process, Route route, bool first) {
    const std::vector<pid_t> ranks = process.ranks();
    const int whom = first && route == Route::kEndOfMpirun ? 2 : below(3);
    if (whom == 2) {
      kill(process.launcher(), route == Route::kMpirun      ? one_of(kForwardedByMpirun)
                               : route == Route::kJobScript ? one_of(kForwardedByScript)
                                                            : one_of(kEndingMpirun));
      return false;
    }
    const int number = first ? one_of(kAskingToStop) : one_of(kSignals);
    if (whom == 0) kill(ranks[static_cast<size_t>(below(kRanks))], number);
    if (whom == 1) process.signal_ranks(number);
    return number != SIGCONT;
  }

  // One to six signals within a third of a second. The step that training was in when the first had been sent to a rank.
  std::optional<int> storm(TrainingProcess& process, Route route, const fs::path& training) {
    std::optional<int> step;
    const int signals = 1 + below(6);
    for (int i = 0; i < signals && process.running(); ++i, ++signals_sent_) {
      const bool asked = strike(process, route, i == 0);
      if (asked && !step && fs::exists(training / "flight.txt")) {
        step = number_after("now: step ", read(training / "flight.txt")).value_or(0);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(below(60)));
    }
    return step;
  }

  // Of a start of training that found a checkpoint of the step `found`.
  void expect_nothing_lost(const fs::path& training, int found, const std::optional<int>& asked_in, int code,
                           const std::string& log) {
    EXPECT_EQ(number_after("continues after step ", log).value_or(found), found) << log;
    const std::optional<int> stopped = number_after("stopped after step ", log);
    EXPECT_TRUE(stopped || code != kResume) << log;
    if (stopped) {
      EXPECT_EQ(newest_step_in(training), *stopped) << log;
    }
    if (!asked_in || !(stopped || code == kDone)) return;
    const int last = stopped.value_or(kTrainingSteps), later = last - std::max(*asked_in, found);
    EXPECT_LE(later, kMostStepsLater) << "asked in step " << *asked_in << ", ended after step " << last << "\n" << log;
    most_steps_later_ = std::max(most_steps_later_, later);
  }

  // Storms over the program, the first from its first handler on; then lets it end.
  void weather(const Weathered& program) {
    const int storms = number_from("STRATA_STORMS", 3);
    int resumed = 0, ended_by_mpirun = 0, run = 0, found = 0;
    double slowest = 0;  // seconds from the first signal to the end with 75
    const auto training = [&] { return program.training ? program.training(run) : fs::path(); };
    for (int i = 0; i < storms; ++i) {
      const Route route = kRoutes[static_cast<size_t>(i) % kRoutes.size()];
      TrainingProcess process(kRanks, program.arguments(run), scratch_ / fmt::format("log-{}-{}", program.name, i), program.name,
                              route == Route::kJobScript ? StartedBy::kJobScript : StartedBy::kMpirun);
      // Before main() has its handlers in place, a signal ends the process, and nothing was begun.
      process.wait_until([&] { return all_handle_signals(process.ranks()); });
      if (i > 0) std::this_thread::sleep_for(std::chrono::duration<double>(program.straight_seconds * below(1000) / 1000.0));
      const double begun = monotonic_seconds();
      const std::optional<int> asked_in = process.running() ? storm(process, route, training()) : std::nullopt;
      const int code = process.wait();
      if (code == kResume) slowest = std::max(slowest, monotonic_seconds() - begun);
      EXPECT_THAT(code, AnyOf(kDone, kResume, kNoProgress, route == Route::kEndOfMpirun ? kOfMpirun : kDone)) << process.log();
      if (program.training) expect_nothing_lost(training(), found, asked_in, code, process.log());
      resumed += code == kResume;
      ended_by_mpirun += code == kOfMpirun;
      if (code == kDone) program.expect_result(run++);
      found = program.training ? newest_step_in(training()) : 0;
    }
    TrainingProcess process(kRanks, program.arguments(run), log_, program.name);
    EXPECT_EQ(process.wait(), kDone) << process.log();
    if (found > 0) {
      EXPECT_THAT(process.log(),
                  AnyOf(HasSubstr(fmt::format("continues after step {} of", found)), HasSubstr("already complete")));
    }
    program.expect_result(run);
    EXPECT_GE(resumed, 1 + storms / 10) << "of " << storms << " storms";
    fmt::print(
        "{}: {} storms, {} signals, {} ended with 75, {} by mpirun, {:.2f} s after the first signal at most, {} completed "
        "runs\n",
        program.name, storms, signals_sent_, resumed, ended_by_mpirun, slowest, run + 1);
    if (most_steps_later_ >= -kTrainingSteps)
      fmt::print("stopped {} steps after the one of the signal at most\n", most_steps_later_);
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
  int signals_sent_ = 0;
  int most_steps_later_ = std::numeric_limits<int>::min();
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
  weather({.name = "strata-train",
           .arguments = [&](int number) { return arguments(run(number)); },
           .straight_seconds = seconds,
           .expect_result = [&](int number) { EXPECT_EQ(result(run(number)), result("straight")); },
           .training = [&](int number) { return scratch_ / run(number); }});
}

TEST_F(SignalStorm, OverPreprocessingEndsInTheSameBytes) {
  const auto arguments = [&](const std::string& output) {
    return fmt::format("--dataset cityscapes --input '{}' --output '{}' --splits train,val --shard-size 60KiB",
                       tiny_dataset().raw.string(), (scratch_ / output).string());
  };
  const auto output = [](int number) { return fmt::format("data-{}", number); };
  const double seconds = seconds_of("strata-preprocess", arguments("straight"));
  const auto expect_result = [&](int number) {
    const CommandResult diff =
        run_command(fmt::format("diff -r '{}' '{}'", (scratch_ / "straight").string(), (scratch_ / output(number)).string()));
    EXPECT_EQ(diff.exit_code, 0) << diff.output;
  };
  weather({.name = "strata-preprocess",
           .arguments = [&](int number) { return arguments(output(number)); },
           .straight_seconds = seconds,
           .expect_result = expect_result});
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
  const auto result = [&](const std::string& of) { return sha256_of_file(scratch_ / of / "metrics.json"); };
  weather({.name = "strata-evaluate",
           .arguments = [&](int number) { return arguments(output(number)); },
           .straight_seconds = seconds,
           .expect_result = [&](int number) { EXPECT_EQ(result(output(number)), result("straight")); }});
}

}  // namespace
}  // namespace strata::testing
