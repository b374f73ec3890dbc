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

TEST(Schedule, Poly2DoublesThePowerFromPolyStepOn) {
  ScheduleOptions options = poly(10, 1.0, ScheduleOptions::Unit::kEpoch);
  options.policy = ScheduleOptions::Policy::kPoly2;
  options.poly_step = 4;
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 3, 0, 5), 2 * 0.7);
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 4, 0, 5), 2 * 0.6 * 0.6);
  options.unit = ScheduleOptions::Unit::kStep;
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 3, 4, 5), 2 * (1 - 19.0 / 50));
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 4, 1, 5), 2 * (1 - 21.0 / 50) * (1 - 21.0 / 50));
}

TEST(Schedule, SclPolyBeginsASecondDecayAtTheSwitch) {
  ScheduleOptions options = poly(10, 2.0, ScheduleOptions::Unit::kEpoch);
  options.policy = ScheduleOptions::Policy::kSclPoly;
  options.switch_epoch = 6;
  options.rescale = 0.5;
  options.repoly = 1.0;
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 5, 0, 5), 2 * 0.25);
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 6, 0, 5), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 9, 0, 5), 0.25);
  options.unit = ScheduleOptions::Unit::kStep;
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 9, 3, 5), 1 - 18.0 / 20);
  EXPECT_EQ(learning_rate(options, 2, 11, 0, 5), 0.0);
}

TEST(Schedule, WarmUpRisesEvenlyToThePolicysRateByStepsOfAnyUnit) {
  ScheduleOptions options = poly(4, 1.0, ScheduleOptions::Unit::kEpoch);
  const ScheduleOptions cold = options;
  options.warmup_steps = 8;
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 0, 0, 5), 1.0 / 8);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 1, 1, 5), 0.75 * 7 / 8);
  for (uint64_t step = 2; step < 5; ++step) {
    EXPECT_EQ(learning_rate(options, 1, 1, step, 5), learning_rate(cold, 1, 1, step, 5));
  }
}

TEST(Schedule, PastItsEndTheRateIsZeroAndNotNegative) {
  EXPECT_EQ(learning_rate(poly(2, 1.0, ScheduleOptions::Unit::kEpoch), 1, 3, 0, 4), 0.0);
}

}  // namespace
}  // namespace strata
