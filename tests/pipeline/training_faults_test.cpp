// The whole of training, in a process of its own that starts in milliseconds: killed at random moments, killed at each of its
// system calls that change files, and with each of them failing. The same call again reaches the bits of a run that nothing
// interrupted.
//
// CI takes a sample; tests/campaigns/campaign.sh takes all: STRATA_TRAINING_KILLS kills with STRATA_KILL_SEED, and calls as
// faulted_program.h says.

#include "base/sha256.h"
#include "config/training_options.h"
#include "pipeline/pipeline.h"
#include "support/environment_number.h"
#include "support/faulted_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

TrainingOptions options_for(const fs::path& run) {
  const std::vector<std::string> words = {
      "strata-train",      "--config", tiny_config().string(),     "--data", tiny_dataset().data.string(), "--run", run.string(),
      "--schedule.epochs", "2",        "--checkpoint.every_steps", "1",      "--loader.threads",           "1"};
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  TrainingOptions options = *parse_training_options(static_cast<int>(arguments.size()), arguments.data());
  options.threads_per_rank = 1;
  return options;
}

std::string result_of(const fs::path& run) {
  return sha256_of_file(run / "weights/last.safetensors") + " " + sha256_of_file(run / "weights/best.safetensors") + " " +
         sha256_of_file(run / "metrics.csv");
}

bool ends_within(pid_t child, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) return true;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return false;
}

class TrainingFaults : public ::testing::Test {
 protected:
  const TinyDataset& drawn_before_processes_start_ = tiny_dataset();
  ScratchDirectory scratch_;
  FaultedProgram training_{
      {.run = [](const fs::path& run) { return train(options_for(run), Communicator()); }, .result = result_of}};
};

TEST_F(TrainingFaults, AKillAtRandomMomentsEndsInTheStraightRunsBits) {
  const int wanted = number_from("STRATA_TRAINING_KILLS", 10);
  const int seed = number_from("STRATA_KILL_SEED", static_cast<int>(std::random_device()() % 100000));
  const fs::path output = scratch_ / "run";
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_EQ(training_.run(scratch_ / "timed"), 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  int kills = 0, runs = 0, within_write = 0, of_one_run = 0;
  while (kills < wanted) {
    const pid_t child = training_.start(output);
    // Later the more often this run was killed, so that it gets on.
    const double moment = std::uniform_real_distribution(0.0, seconds * (1 + 0.1 * of_one_run))(random);
    if (!ends_within(child, moment)) kill(child, SIGKILL);
    const int code = FaultedProgram::code_of(child);
    if (code != 0) {
      ASSERT_EQ(code, 128 + SIGKILL) << training_.log();
      ++kills, ++of_one_run;
      within_write += fs::exists(output / "checkpoints/writing");
      continue;
    }
    training_.expect_complete(output, fmt::format("run {} of the campaign with seed {}", runs, seed));
    ASSERT_FALSE(HasFailure());
    fs::remove_all(output);
    ++runs, of_one_run = 0;
  }
  training_.expect_completes(output, fmt::format("the last run of the campaign with seed {}", seed));
  fmt::print("{} kills (seed {}): {} within the write of a checkpoint; {} runs, all with the straight run's bits\n", kills, seed,
             within_write, runs + 1);
}

TEST_F(TrainingFaults, ADeathAtAnyCallIsContinuedToTheStraightRunsBits) { training_.expect_continued_after_a_death_at_calls(6); }

TEST_F(TrainingFaults, AFailureOfAnyCallIsReportedOrHarmlessAndContinuedToTheStraightRunsBits) {
  training_.expect_failures_of_calls_reported_or_harmless(2);
}

}  // namespace
}  // namespace strata::testing
