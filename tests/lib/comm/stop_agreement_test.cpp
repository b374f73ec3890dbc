#include "comm/stop.h"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

namespace strata {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Stop : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"SLURM_JOB_END_TIME", "SLURM_JOB_ID", "STRATA_END_TIME"}) unsetenv(name);
  }
  const Communicator world_ = Communicator::world();
};

TEST_F(Stop, WithoutALimitThereIsNoReason) {
  testing::internal::CaptureStderr();
  const StopConditions stop({}, world_);
  const std::string said = testing::internal::GetCapturedStderr();
  const size_t at = said.find("no time limit found");
  EXPECT_EQ(at != std::string::npos, world_.is_root()) << said;
  EXPECT_EQ(said.rfind("no time limit found"), at) << said;
  EXPECT_EQ(stop.seconds_left(), std::numeric_limits<double>::infinity());
  EXPECT_FALSE(stop.reason_to_stop(1e9));
}

TEST_F(Stop, ATimeLimitStopsWhenTheReserveBegins) {
  const StopConditions stop({.time_limit = "1:00:00", .stop_at = ""}, world_);
  EXPECT_FALSE(stop.reason_to_stop(60));
  const auto reason = stop.reason_to_stop(3600);
  ASSERT_TRUE(reason);
  EXPECT_THAT(*reason, StartsWith("time limit in 3"));
  EXPECT_EQ(world_.all_gather(*reason), std::vector<std::string>(static_cast<size_t>(world_.size()), *reason));
}

TEST_F(Stop, RootsReserveDecides) {
  const StopConditions stop({.time_limit = "1:00:00", .stop_at = ""}, world_);
  EXPECT_FALSE(stop.reason_to_stop(world_.is_root() ? 60 : 1e9));
  EXPECT_TRUE(stop.reason_to_stop(world_.is_root() ? 1e9 : 60));
}

TEST_F(Stop, TheEarlierOfTwoOptionsCounts) {
  const std::string in_a_minute = std::to_string(time(nullptr) + 60);
  const StopConditions stop({.time_limit = "1:00:00", .stop_at = in_a_minute}, world_);
  EXPECT_NEAR(stop.seconds_left(), 60, 2);
}

TEST_F(Stop, SlurmsEndTimeCountsBeforeOursAndNonsenseIsIgnored) {
  setenv("STRATA_END_TIME", std::to_string(time(nullptr) + 100).c_str(), 1);
  setenv("SLURM_JOB_END_TIME", std::to_string(time(nullptr) + 50).c_str(), 1);
  EXPECT_NEAR(StopConditions({}, world_).seconds_left(), 50, 2);
  setenv("SLURM_JOB_END_TIME", "4294967294", 1);
  EXPECT_NEAR(StopConditions({}, world_).seconds_left(), 100, 2);
  setenv("SLURM_JOB_END_TIME", std::to_string(time(nullptr) - 5).c_str(), 1);
  EXPECT_NEAR(StopConditions({}, world_).seconds_left(), 100, 2);
}

// The last test of this program: a signal is never forgotten.
TEST_F(Stop, ASignalToOneRankStopsAll) {
  install_signal_handlers();
  const StopConditions stop({}, world_);
  EXPECT_FALSE(stop.reason_to_stop(0));
  if (world_.rank() == world_.size() - 1) {
    raise(SIGUSR1);
    raise(SIGTERM);  // later ones change nothing
  }
  const auto reason = stop.reason_to_stop(0);
  ASSERT_TRUE(reason);
  EXPECT_THAT(*reason, HasSubstr("signal " + std::to_string(SIGUSR1)));
}

}  // namespace
}  // namespace strata
