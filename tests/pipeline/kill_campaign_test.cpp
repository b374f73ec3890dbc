// kill -9 at random moments of training, over and over, until runs are complete: no repair by hand, and the bits of a run that
// nothing interrupted.
//
// STRATA_KILLS=1000 makes it a night's work; STRATA_KILL_SEED repeats a campaign.

#include "apps/training_process.h"
#include "base/sha256.h"
#include "pipeline/pipeline.h"
#include "support/environment_number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <random>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kRanks = 2;
constexpr double kLongestWaitSeconds = 2.0;  // from the first step of a start to its kill

void sleep_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

struct Counts {
  int kills = 0, after_first_commit = 0, within_write = 0, completed_runs = 0, ended_before_kill = 0;
  int one_rank = 0, all_ranks = 0, launcher = 0;

  // Of 25 kills 20 come after the first commit and 8 while a checkpoint is being written; chance may ask for a few more than
  // wanted.
  bool enough(int wanted) const {
    return kills >= wanted && after_first_commit >= wanted * 20 / 25 && within_write >= wanted * 8 / 25;
  }
};

class KillCampaign : public ::testing::Test {
 protected:
  std::string arguments(const fs::path& run) const {
    return fmt::format(
        "--config '{}' --data '{}' --run '{}' --schedule.epochs 8 --validation.every_epochs 4 --checkpoint.every_steps 1",
        tiny_config().string(), tiny_dataset().data.string(), run.string());
  }
  static std::string result_of(const fs::path& run) {
    return fmt::format("last {}\nbest {}\n{}", sha256_of_file(run / "weights/last.safetensors"),
                       sha256_of_file(run / "weights/best.safetensors"), read(run / "metrics.csv"));
  }
  double uniform(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }
  int below(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }

  // Waits for the moment to kill. False where the run ended before.
  bool wait_for_the_moment(TrainingProcess& process, const fs::path& run) {
    const int rows = rows_of(run / "metrics.csv");
    if (below(8) == 0) {  // anywhere, start-up included
      sleep_seconds(uniform(0, kLongestWaitSeconds));
      return process.running();
    }
    if (!process.wait_until([&] { return !process.ranks().empty() && rows_of(run / "metrics.csv") > rows; })) return false;
    if (below(2) == 0) {
      sleep_seconds(uniform(0, kLongestWaitSeconds));
      return process.running();
    }
    if (!process.wait_until([&] { return fs::exists(run / "checkpoints/writing"); })) return false;
    sleep_seconds(uniform(0, 0.03));
    return process.running();
  }

  void strike(TrainingProcess& process) {
    const std::vector<pid_t> ranks = process.ranks();
    const int whom = ranks.empty() ? 2 : below(3);
    if (whom == 0) {
      kill(ranks[static_cast<size_t>(below(kRanks))], SIGKILL);
      ++counts_.one_rank;
    } else if (whom == 1) {
      for (pid_t rank : ranks) kill(rank, SIGKILL);
      ++counts_.all_ranks;
    } else {
      kill(process.launcher(), SIGKILL);
      ++counts_.launcher;
    }
  }

  // One start that is killed, or that completes the run first. True: complete.
  bool one_start(const fs::path& run) {
    TrainingProcess process(kRanks, arguments(run), log_);
    if (!wait_for_the_moment(process, run)) {
      const int code = process.wait();
      EXPECT_EQ(code, 0) << process.log();
      ++counts_.ended_before_kill;
      return code == 0;
    }
    const bool committed = generations_in(run) > 0;
    strike(process);
    EXPECT_NE(process.wait(), 75);
    // A checkpoint follows each step and is written beside the next one.
    EXPECT_GE(newest_step_in(run) + 2, rows_of(run / "metrics.csv"));
    ++counts_.kills;
    counts_.after_first_commit += committed;
    counts_.within_write += fs::exists(run / "checkpoints/writing");  // nobody was left to remove it
    return false;
  }

  void finish(const fs::path& run) {
    TrainingProcess process(kRanks, arguments(run), log_);
    ASSERT_EQ(process.wait(), 0) << process.log();
  }

  ScratchDirectory scratch_;
  fs::path log_ = scratch_ / "log";
  std::mt19937 random_;
  Counts counts_;
};

TEST_F(KillCampaign, EndsInTheBitsOfARunThatNothingInterrupted) {
  const int wanted = number_from("STRATA_KILLS", 25);
  const int seed = number_from("STRATA_KILL_SEED", static_cast<int>(std::random_device()() % 100000));
  random_.seed(static_cast<unsigned>(seed));
  fmt::print("{} kills with seed {}\n", wanted, seed);

  finish(scratch_ / "straight");
  const std::string straight = result_of(scratch_ / "straight");
  const auto goes_on = [&] { return !counts_.enough(wanted) && counts_.kills < 3 * wanted; };
  for (int number = 0; goes_on(); ++number) {
    const fs::path run = scratch_ / fmt::format("run-{}", number);
    bool complete = false;
    while (!complete && goes_on()) complete = one_start(run);
    if (!complete) finish(run);
    if (HasFatalFailure()) return;
    ++counts_.completed_runs;
    ASSERT_EQ(result_of(run), straight) << "run " << number << " of the campaign with seed " << seed;
  }
  fmt::print(
      "{} kills (one rank {}, all ranks {}, mpirun {}): {} after the first commit, {} within the write window; {} runs, all with "
      "the straight run's bits\n",
      counts_.kills, counts_.one_rank, counts_.all_ranks, counts_.launcher, counts_.after_first_commit, counts_.within_write,
      counts_.completed_runs);
  EXPECT_TRUE(counts_.enough(wanted));
}

}  // namespace
}  // namespace strata::testing
