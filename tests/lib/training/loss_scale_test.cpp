#include "training/loss_scale.h"

#include "training/run_state.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(LossScale, HalvesAtAnOverflowAndDoublesAfterTwoThousandGoodSteps) {
  LossScale scale;
  EXPECT_EQ(scale.factor, 65536);
  scale.update(/*overflowed=*/true);
  EXPECT_EQ(scale.factor, 32768);
  for (int step = 0; step < 1999; ++step) scale.update(false);
  EXPECT_EQ(scale.factor, 32768);
  scale.update(false);
  EXPECT_EQ(scale.factor, 65536);
  for (int step = 0; step < 1999; ++step) scale.update(false);
  scale.update(true);  // counts from here
  for (int step = 0; step < 1999; ++step) scale.update(false);
  EXPECT_EQ(scale, (LossScale{32768, 1999}));
}

TEST(LossScale, ComesBackFromACheckpointToTheBit) {
  RunState state;
  state.loss_scale = LossScale{0x1p-60, 1234};
  EXPECT_EQ(run_state_from_json(nlohmann::json::parse(to_json(state).dump())), state);
  state.loss_scale.reset();
  EXPECT_EQ(run_state_from_json(nlohmann::json::parse(to_json(state).dump())), state);
}

}  // namespace
}  // namespace strata
