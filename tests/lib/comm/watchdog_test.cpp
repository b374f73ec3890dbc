// Ranks that die, stop, hang or are slow, under mpirun as a user starts them. The watchdog's patience is 5 s here.
//
// STRATA_DEAD_RANKS=100 (ranks that die, and as many that stop) makes it a campaign.

#include "base/clock.h"
#include "support/environment_number.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace strata {
namespace {

using strata::testing::CommandResult;
using strata::testing::ScratchDirectory;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPeerLost = 71;
constexpr double kPatience = 5;
constexpr double kEnd = 10;  // seconds in which a job ends, once it is known that it must
constexpr const char* kRoot = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1; ";

// The number in what the pattern matches; NaN where nothing does.
double number_in(const std::string& text, const char* pattern) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? std::stod(found[1]) : std::nan("");
}

struct Ended {
  CommandResult result;
  double seconds;  // from the moment in which a rank did what it must not to the end of mpirun; NaN where none did
};

Ended probe(int ranks, const std::string& what) {
  CommandResult result = testing::run_command(
      fmt::format("{} timeout 60 mpirun -n {} --oversubscribe --bind-to none " WATCHDOG_PROBE " {}", kRoot, ranks, what));
  const double now = monotonic_seconds();  // the same clock in all processes of a machine
  const double at = number_in(result.output, "misbehaves at ([0-9.]+)");
  return {std::move(result), now - at};
}

int dead_ranks() { return testing::number_from("STRATA_DEAD_RANKS", 3); }

TEST(Watchdog, LetsHealthyRanksAlone) {
  for (int ranks : {1, 2, 4}) {
    const Ended ended = probe(ranks, "healthy");
    EXPECT_EQ(ended.result.exit_code, 0) << ended.result.errors;
    EXPECT_EQ(ended.result.errors, "") << ranks;
  }
}

TEST(Watchdog, NamesAStoppedRankWithHostPhaseAndStepAndEndsTheJob) {
  double slowest = 0, named = 0;
  for (int i = 0; i < dead_ranks(); ++i) {
    const int culprit = i % 3;
    const Ended ended = probe(3, fmt::format("stops {}", culprit));
    EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
    EXPECT_THAT(ended.result.errors,
                AllOf(HasSubstr(fmt::format("rank {} on ", culprit)),
                      ::testing::ContainsRegex("\\((loading|adding up), step [0-9]+\\)"),  // of the last beat
                      ::testing::ContainsRegex("no sign of life for [0-9]+ s")));
    const double silence = number_in(ended.result.errors, "no sign of life for ([0-9]+) s");
    EXPECT_LE(silence, kPatience + 1);
    EXPECT_LE(ended.seconds, silence + kEnd);
    named = std::max(named, silence), slowest = std::max(slowest, ended.seconds);
  }
  fmt::print("{} stopped ranks named after {} s of silence at most, {:.1f} s from the stop to the end of the job at most\n",
             dead_ranks(), named, slowest);
}

TEST(Watchdog, NamesARankThatHangsWhileOthersWait) {
  for (int culprit : {0, 1}) {
    const Ended ended = probe(2, fmt::format("hangs {}", culprit));
    EXPECT_EQ(ended.result.exit_code, kPeerLost) << ended.result.errors;
    EXPECT_THAT(ended.result.errors, AllOf(HasSubstr(fmt::format("rank {} on ", culprit)),
                                           ::testing::ContainsRegex("\\(loading, step 25\\) has not moved for [0-9]+ s")));
    EXPECT_LE(number_in(ended.result.errors, "has not moved for ([0-9]+) s"), kPatience + 1);
    EXPECT_LE(ended.seconds, kPatience + 1 + kEnd);
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
  double slowest = 0;
  for (int i = 0; i < dead_ranks(); ++i) {
    const Ended ended = probe(3, fmt::format("dies {}", i % 3));
    EXPECT_THAT(ended.result.exit_code, AnyOf(kPeerLost, 137)) << ended.result.errors;
    EXPECT_LE(ended.seconds, kEnd);
    slowest = std::max(slowest, ended.seconds);
  }
  fmt::print("{} dead ranks, {:.1f} s from the death to the end of the job at most\n", dead_ranks(), slowest);
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
