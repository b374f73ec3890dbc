// The wall clock is set while a program runs: a duration keeps its length, a moment stays the moment that it is.
//
// Takes the place of libc's clock_gettime, so it is a program of its own.

#include "base/clock.h"
#include "comm/stop.h"

#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace {
time_t wall_clock_ahead = 0;  // of the machine's, in seconds
}

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (clock == CLOCK_REALTIME) now->tv_sec += wall_clock_ahead;
  return result;
}

namespace strata {
namespace {

constexpr double kTolerance = 5;  // seconds that a test may stand still

std::string in_seconds(double seconds) { return std::to_string(static_cast<int64_t>(unix_seconds() + seconds)); }

class ClockJump : public ::testing::TestWithParam<time_t> {
 protected:
  void SetUp() override {
    for (const char* name : {"SLURM_JOB_END_TIME", "SLURM_JOB_ID", "STRATA_END_TIME"}) unsetenv(name);
  }
  void TearDown() override { wall_clock_ahead = 0; }
  static void jump() { wall_clock_ahead = GetParam(); }
  // What is left of `seconds` by the wall clock.
  static double after_the_jump(double seconds) { return seconds - static_cast<double>(GetParam()); }
};

TEST_P(ClockJump, MovesTheWallClockAlone) {
  const double wall = unix_seconds(), monotonic = monotonic_seconds();
  jump();
  EXPECT_NEAR(unix_seconds() - wall, static_cast<double>(GetParam()), kTolerance);
  EXPECT_NEAR(monotonic_seconds() - monotonic, 0, kTolerance);
}

TEST_P(ClockJump, LeavesATimeLimitItsLength) {
  const StopConditions stop({.time_limit = "2:00:00", .stop_at = ""}, Communicator());
  jump();
  EXPECT_NEAR(stop.seconds_left(), 7200, kTolerance);
  EXPECT_FALSE(stop.reason_to_stop(60));
}

TEST_P(ClockJump, LeavesStopAtItsMoment) {
  const StopConditions stop({.time_limit = "", .stop_at = in_seconds(5400)}, Communicator());
  jump();
  EXPECT_NEAR(stop.seconds_left(), after_the_jump(5400), kTolerance);
  EXPECT_EQ(stop.reason_to_stop(3600).has_value(), after_the_jump(5400) < 3600);
}

TEST_P(ClockJump, LeavesTheEndOfAJobItsMoment) {
  for (const char* variable : {"SLURM_JOB_END_TIME", "STRATA_END_TIME"}) {
    wall_clock_ahead = 0;
    setenv(variable, in_seconds(5400).c_str(), 1);
    const StopConditions stop({}, Communicator());
    unsetenv(variable);
    jump();
    EXPECT_NEAR(stop.seconds_left(), after_the_jump(5400), kTolerance) << variable;
  }
}

TEST_P(ClockJump, MayMakeTheOtherOfTwoLimitsTheEarlier) {
  const StopConditions stop({.time_limit = "1:30:00", .stop_at = in_seconds(7200)}, Communicator());
  EXPECT_NEAR(stop.seconds_left(), 5400, kTolerance);
  jump();
  EXPECT_NEAR(stop.seconds_left(), std::min(5400.0, after_the_jump(7200)), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(ByAnHour, ClockJump, ::testing::Values(3600, -3600),
                         [](const auto& tested) { return tested.param > 0 ? "Forward" : "Back"; });

}  // namespace
}  // namespace strata
