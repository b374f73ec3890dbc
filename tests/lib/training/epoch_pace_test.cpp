#include "training/epoch_pace.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(EpochPace, TellsTheSharesOfAllStepsTime) {
  EpochPace pace;
  EXPECT_EQ(pace.share_waiting_for_data(), 0);
  pace.add({.total = 3, .loader_wait = 0.5, .gradient_wait = 1});
  pace.add({.total = 1, .loader_wait = 0.5, .gradient_wait = 0});
  EXPECT_DOUBLE_EQ(pace.share_waiting_for_data(), 0.25);
  EXPECT_EQ(pace.text(), "2 steps in 4 s, 25.0 % of it waiting for data, 25.0 % for gradients of other ranks");
}

}  // namespace
}  // namespace strata
