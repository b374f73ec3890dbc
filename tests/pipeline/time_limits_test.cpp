// Time limits that are enforced by a kill: training must have committed its last checkpoint by then, and not long before.
//
// STRATA_LIMITS and STRATA_LIMIT_SEED make it a campaign (tests/campaigns); there the kill comes at the limit
// (STRATA_LIMIT_GRACE=0), here so many seconds later, for a machine that may stand still. STRATA_LIMIT_SECONDS: one length for
// all instead of 3 to 8 s; from ten minutes on, 97 % of the time must be used.

#include "pipeline/pipeline.h"
#include "support/environment_number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace strata::testing {
namespace {

constexpr int kResume = 75, kKilled = 137;
constexpr int kLongSeconds = 600;
constexpr double kLeastUsedOfLong = 0.97;

TEST(TimeLimit, IsKeptWithTheLastCheckpointCommitted) {
  const int wanted = number_from("STRATA_LIMITS", 2), grace = number_from("STRATA_LIMIT_GRACE", 20);
  const int seed = number_from("STRATA_LIMIT_SEED", static_cast<int>(std::random_device()() % 100000));
  const int seconds = number_from("STRATA_LIMIT_SECONDS", 0);
  std::mt19937 random(static_cast<unsigned>(seed));
  const ScratchDirectory scratch;
  tiny_dataset();
  int missed = 0, late = 0;
  double used = 0, least_used = 1;
  for (int i = 0; i < wanted; ++i) {
    const int limit = seconds > 0 ? seconds : std::uniform_int_distribution(3, 8)(random);
    const auto run = scratch / fmt::format("run-{}", i);
    const std::string train =
        program("strata-train") +
        fmt::format("--config '{}' --data '{}' --run '{}' --threads 1 --schedule.epochs 1000000 --time-limit {}",
                    tiny_config().string(), tiny_dataset().data.string(), run.string(), limit);
    const auto begun = std::chrono::steady_clock::now();
    const CommandResult ended = run_command(fmt::format("timeout -s KILL {} {}", limit + grace, train));
    const double share = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() / limit;
    used += share;
    least_used = std::min(least_used, share);
    const bool in_time = ended.errors.find("stopped after step") != std::string::npos;
    EXPECT_TRUE(ended.exit_code == kResume || (ended.exit_code == kKilled && in_time)) << ended.exit_code << ended.errors;
    missed += !in_time;
    late += ended.exit_code == kKilled;
    if (limit >= kLongSeconds) {
      EXPECT_GE(share, kLeastUsedOfLong) << "of " << limit << " s";
    }
    std::filesystem::remove_all(run);
  }
  fmt::print(
      "{} limits (seed {}): {} checkpoints missed, {} killed after the last one; {:.1f} % of the time used, at least {:.1f} %\n",
      wanted, seed, missed, late, 100 * used / wanted, 100 * least_used);
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace strata::testing
