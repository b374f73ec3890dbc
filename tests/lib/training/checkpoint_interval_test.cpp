#include "training/checkpoint_interval.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(CheckpointInterval, IsDueByTheClockFromTheLastCheckpointOn) {
  CheckpointInterval interval({.every_seconds = 600, .every_steps = 0}, 1000);
  EXPECT_FALSE(interval.due_by_clock(1599));
  EXPECT_TRUE(interval.due_by_clock(1600));
  interval.begin(5, 1600);
  EXPECT_FALSE(interval.due_by_clock(2199));
  EXPECT_TRUE(interval.due_by_clock(2200));
}

TEST(CheckpointInterval, GetsLongerWhereCheckpointsWouldCostMoreThanOnePercent) {
  CheckpointInterval interval({.every_seconds = 600, .every_steps = 0}, 0);
  interval.note_cost(3);
  EXPECT_DOUBLE_EQ(interval.seconds(), 600);
  interval.note_cost(12);
  EXPECT_DOUBLE_EQ(interval.seconds(), 1200);
  EXPECT_FALSE(interval.due_by_clock(1199));
  EXPECT_TRUE(interval.due_by_clock(1200));
  interval.note_cost(1);  // the file server has recovered
  EXPECT_DOUBLE_EQ(interval.seconds(), 600);
}

// A run of weeks at any cost of a checkpoint: what checkpoints take of it.
TEST(CheckpointInterval, KeepsCheckpointsBelowOnePercentOfTheTime) {
  for (const double cost : {0.01, 0.5, 5.0, 60.0, 300.0}) {
    CheckpointInterval interval({.every_seconds = 60, .every_steps = 0}, 0);
    double now = 0, spent = 0;
    uint64_t step = 0;
    interval.note_cost(cost);  // the first one is not known before it was made
    while (now < 14 * 86400) {
      now += 1.5;
      if (!interval.due_by_clock(now)) continue;
      interval.begin(++step, now);
      now += cost;
      spent += cost;
    }
    EXPECT_LT(spent, 0.0101 * now) << cost;
    EXPECT_GT(spent, 0) << cost;
  }
}

TEST(CheckpointInterval, StepsThatWereAskedForAreTakenWhateverTheyCost) {
  CheckpointInterval interval({.every_seconds = 0, .every_steps = 10}, 0);
  interval.note_cost(100);
  interval.begin(20, 0);
  EXPECT_FALSE(interval.due_by_clock(1e9));
  EXPECT_FALSE(interval.due_by_steps(29));
  EXPECT_TRUE(interval.due_by_steps(30));
}

}  // namespace
}  // namespace strata
