// Ranks that die, stop, hang or are slow, under mpirun as a user starts them. The watchdog's patience is 5 s here.

#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

namespace strata {
namespace {

using strata::testing::CommandResult;
using strata::testing::ScratchDirectory;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPeerLost = 71;
constexpr double kSoon = 40;  // below 10 s where the machine has nothing else to do
constexpr const char* kRoot = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1; ";

struct Ended {
  CommandResult result;
  double seconds;
};

Ended probe(int ranks, const std::string& what) {
  const auto begun = std::chrono::steady_clock::now();
  CommandResult result = testing::run_command(
      fmt::format("{} timeout 60 mpirun -n {} --oversubscribe --bind-to none " WATCHDOG_PROBE " {}", kRoot, ranks, what));
  return {std::move(result), std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()};
}

TEST(Watchdog, LetsHealthyRanksAlone) {
  for (int ranks : {1, 2, 4}) {
    const Ended ended = probe(ranks, "healthy");
    EXPECT_EQ(ended.result.exit_code, 0) << ended.result.errors;
    EXPECT_EQ(ended.result.errors, "") << ranks;
  }
}

TEST(Watchdog, NamesAStoppedRankWithHostPhaseAndStepAndEndsTheJob) {
  for (int culprit : {0, 1, 2}) {
    const Ended ended = probe(3, fmt::format("stops {}", culprit));
    EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
    EXPECT_THAT(ended.result.errors,
                AllOf(HasSubstr(fmt::format("rank {} on ", culprit)),
                      ::testing::ContainsRegex("\\((loading|adding up), step [0-9]+\\)"),  // of the last beat
                      ::testing::ContainsRegex("no sign of life for [0-9]+ s")));
    EXPECT_LT(ended.seconds, kSoon);
  }
}

TEST(Watchdog, NamesARankThatHangsWhileOthersWait) {
  for (int culprit : {0, 1}) {
    const Ended ended = probe(2, fmt::format("hangs {}", culprit));
    EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
    EXPECT_THAT(ended.result.errors, AllOf(HasSubstr(fmt::format("rank {} on ", culprit)),
                                           ::testing::ContainsRegex("\\(loading, step 25\\) has not moved for [0-9]+ s")));
  }
}

TEST(Watchdog, WatchesALoneRankToo) {
  const Ended ended = probe(1, "hangs 0");
  EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
  EXPECT_THAT(ended.result.errors, HasSubstr("has not moved"));
}

TEST(Watchdog, EndsAJobWhoseRanksWaitForEachOther) {
  const Ended ended = probe(2, "deadlocks 1");
  EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
  EXPECT_THAT(ended.result.errors, HasSubstr("all ranks have waited for each other"));
}

TEST(Watchdog, NamesAStragglerAndLetsItWork) {
  const Ended ended = probe(2, "slow 1");
  EXPECT_EQ(ended.result.exit_code, 0) << ended.result.errors;
  EXPECT_THAT(ended.result.errors, AllOf(HasSubstr("rank 1 on "), HasSubstr("is a straggler")));
}

TEST(Watchdog, ADeadRankEndsTheJobSoon) {
  for (int culprit : {0, 1, 2}) {
    const Ended ended = probe(3, fmt::format("dies {}", culprit));
    EXPECT_THAT(ended.result.exit_code, AnyOf(kPeerLost, 137)) << ended.result.errors;
    EXPECT_LT(ended.seconds, kSoon);
  }
}

// As `scontrol suspend`, or a machine that was asleep: longer than the watchdog's patience.
TEST(Watchdog, BlamesNobodyForTheTimeInWhichAllWereSuspended) {
  ScratchDirectory scratch;
  const std::string script =
      fmt::format("cd {}; mpirun -n 2 --oversubscribe --bind-to none " WATCHDOG_PROBE
                  " suspended & launcher=$!; until [ -s pid-0 ] && [ -s pid-1 ]; do sleep 0.05; done; sleep 0.5; "
                  "kill -STOP $(cat pid-0 pid-1); sleep 8; kill -CONT $(cat pid-0 pid-1); wait $launcher",
                  scratch.path().string());
  const CommandResult result = testing::run_command(kRoot + script);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, Not(HasSubstr("sign of life")));
}

}  // namespace
}  // namespace strata
