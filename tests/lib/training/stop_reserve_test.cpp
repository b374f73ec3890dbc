#include "training/stop_reserve.h"

#include <gtest/gtest.h>

#include <limits>

namespace strata {
namespace {

TEST(StopReserve, GuessesTheCheckpointBeforeTheFirstIsWritten) {
  const StopReserve reserve(100e6, 0);
  EXPECT_DOUBLE_EQ(reserve.seconds(), 2 * 2.0);
}

TEST(StopReserve, UsesTheSlowestCheckpointOnceMeasured) {
  StopReserve reserve(100e6, 0);
  reserve.add_checkpoint(0.5);
  reserve.add_checkpoint(0.25);
  EXPECT_DOUBLE_EQ(reserve.seconds(), 1.0);
}

TEST(StopReserve, FollowsSlowStepsAndForgetsOldOnes) {
  StopReserve reserve(0, 0);
  reserve.add_step(10);
  EXPECT_DOUBLE_EQ(reserve.seconds(), 15.0);
  for (int i = 0; i < 300; ++i) reserve.add_step(1);
  EXPECT_DOUBLE_EQ(reserve.seconds(), 1.5);
}

TEST(StopReserve, SpendsAtMostAMinuteAndTwoPercentOfTheTimeOnSlack) {
  EXPECT_DOUBLE_EQ(StopReserve(0, -1).seconds(), 0);
  EXPECT_DOUBLE_EQ(StopReserve(0, 5).seconds(), 1.0);
  EXPECT_DOUBLE_EQ(StopReserve(0, 60).seconds(), 2.0);
  EXPECT_DOUBLE_EQ(StopReserve(0, 600).seconds(), 12.0);
  EXPECT_DOUBLE_EQ(StopReserve(0, 86400).seconds(), 60.0);
  EXPECT_DOUBLE_EQ(StopReserve(0, std::numeric_limits<double>::infinity()).seconds(), 60.0);
}

}  // namespace
}  // namespace strata
