#include "run/forecast.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

constexpr RunProgress kFresh{.done = 0, .total = 175 * 100, .steps_per_epoch = 100};

TEST(Forecast, SaysHowManyEpochsFitIntoAJobAndHowManyJobsItTakes) {
  // 12 h, 97 % of them used: 41904 s; 9.5 s a step.
  EXPECT_EQ(forecast_text(kFresh, {.seconds_per_step = 9.5, .start_up_seconds = 60}, 12 * 3600),
            "44 of 175 epochs fit into 12:00:00; 4 more jobs of that length complete the run");
}

TEST(Forecast, SaysThatAllFits) {
  EXPECT_EQ(forecast_text({.done = 17400, .total = 17500, .steps_per_epoch = 100}, {.seconds_per_step = 1}, 3600),
            "all 1 epochs that are left fit into 1:00:00");
}

TEST(Forecast, SaysThatAJobIsTooShortForAStep) {
  EXPECT_NE(forecast_text(kFresh, {.seconds_per_step = 1, .start_up_seconds = 100}, 60).find("not one step fits"),
            std::string::npos);
}

TEST(Forecast, OfAnUnknownPaceOrACompleteRunPromisesNothing) {
  EXPECT_EQ(forecast_text(kFresh, {}, 60), "the time of a step is not known yet");
  EXPECT_EQ(forecast_text({.done = 5, .total = 5, .steps_per_epoch = 1}, {.seconds_per_step = 1}, 60), "nothing is left to do");
}

TEST(Forecast, OfShortJobsCountsPartsOfEpochs) {
  EXPECT_EQ(forecast_text(kFresh, {.seconds_per_step = 1}, 160),
            "1.6 of 175 epochs fit into 0:02:40; 113 more jobs of that length complete the run");
}

}  // namespace
}  // namespace strata
