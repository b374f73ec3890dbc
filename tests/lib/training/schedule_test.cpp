#include "training/schedule.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

ScheduleOptions poly(int epochs, double power, ScheduleOptions::Unit unit) {
  ScheduleOptions options;
  options.epochs = epochs;
  options.power = power;
  options.unit = unit;
  return options;
}

TEST(Schedule, PolyByEpochGivesTheReferencesRates) {
  // Computed by the reference's own scheduler: base rate 0.02, 175 epochs.
  const ScheduleOptions linear = poly(175, 1.0, ScheduleOptions::Unit::kEpoch);
  EXPECT_DOUBLE_EQ(learning_rate(linear, 0.02, 0, 0, 10), 0.02);
  EXPECT_DOUBLE_EQ(learning_rate(linear, 0.02, 1, 0, 10), 0.019885714285714288);
  EXPECT_DOUBLE_EQ(learning_rate(linear, 0.02, 87, 0, 10), 0.010057142857142858);
  const ScheduleOptions square = poly(175, 2.0, ScheduleOptions::Unit::kEpoch);
  EXPECT_DOUBLE_EQ(learning_rate(square, 0.02, 87, 0, 10), 0.00505730612244898);
  EXPECT_NEAR(learning_rate(square, 0.02, 174, 0, 10), 6.530612244897862e-07, 1e-20);
}

TEST(Schedule, ByEpochIsConstantWithinAnEpoch) {
  const ScheduleOptions options = poly(3, 1.0, ScheduleOptions::Unit::kEpoch);
  EXPECT_EQ(learning_rate(options, 1, 1, 0, 4), learning_rate(options, 1, 1, 3, 4));
}

TEST(Schedule, ByStepFallsEvenlyOverTheWholeRun) {
  const ScheduleOptions options = poly(2, 1.0, ScheduleOptions::Unit::kStep);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 0, 0, 4), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 0, 3, 4), 5.0 / 8);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 1, 3, 4), 1.0 / 8);
}

TEST(Schedule, PastItsEndTheRateIsZeroAndNotNegative) {
  EXPECT_EQ(learning_rate(poly(2, 1.0, ScheduleOptions::Unit::kEpoch), 1, 3, 0, 4), 0.0);
}

}  // namespace
}  // namespace strata
