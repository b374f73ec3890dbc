#include "losses/relaxed_border.h"

#include "lib/losses/examples.h"

#include <torch/types.h>

#include <set>

namespace strata {
namespace {

using namespace testing;

// The formula pixel by pixel.
double by_hand(const Example& example) {
  const torch::Tensor p_NCHW = example.logits_NCHW.softmax(1);
  const auto p = p_NCHW.accessor<double, 4>();
  const auto labels = example.labels_NHW.accessor<int64_t, 3>();
  double sum = 0, valid = 0;
  for (int64_t n = 0; n < labels.size(0); ++n) {
    for (int64_t y = 0; y < labels.size(1); ++y) {
      for (int64_t x = 0; x < labels.size(2); ++x) {
        if (labels[n][y][x] == kIgnore) continue;
        std::set<int64_t> classes;
        for (int64_t j = std::max<int64_t>(y - 1, 0); j <= std::min(y + 1, labels.size(1) - 1); ++j) {
          for (int64_t i = std::max<int64_t>(x - 1, 0); i <= std::min(x + 1, labels.size(2) - 1); ++i) {
            if (labels[n][j][i] != kIgnore) classes.insert(labels[n][j][i]);
          }
        }
        double probability = 0;
        for (int64_t c : classes) probability += p[n][c][y][x];
        sum -= std::log(probability);
        ++valid;
      }
    }
  }
  return sum / valid;
}

TEST(RelaxedBorder, IsMinusLogOfTheProbabilityOfAnyClassInTheWindow) {
  const Example example = make_example(2, 5, 6, 7);
  EXPECT_NEAR(whole_loss(RelaxedBorderLoss(5, {}), example), by_hand(example), 1e-12);
}

TEST(RelaxedBorder, AwayFromBordersIsCrossEntropy) {
  Example example = make_example(1, 5, 6, 7);
  example.labels_NHW.fill_(3);
  EXPECT_NEAR(whole_loss(RelaxedBorderLoss(5, {}), example), whole_loss(CrossEntropyLoss(kIgnore), example), 1e-12);
}

TEST(RelaxedBorder, SharesOfTwoHalvesAddUpToTheWhole) {
  expect_shares_add_up(RelaxedBorderLoss(5, {}), make_example(2, 5, 6, 7));
}

TEST(RelaxedBorder, BecomesCrossEntropyFromTheGivenEpochOn) {
  const Example example = make_example(2, 5, 6, 7);
  const RelaxedBorderLoss loss(5, {.epochs = 3});
  const auto value_in = [&](uint64_t epoch) {
    LossScope scope = scope_of(example);
    scope.epoch = epoch;
    return loss.share(example.logits_NCHW, example.labels_NHW, scope).item<double>();
  };
  EXPECT_NEAR(value_in(2), by_hand(example), 1e-12);
  EXPECT_NEAR(value_in(3), whole_loss(CrossEntropyLoss(kIgnore), example), 1e-12);
}

TEST(RelaxedBorder, StaysFiniteWhereProbabilitiesVanish) {
  Example example = make_example(2, 5, 6, 7);
  example.logits_NCHW = (example.logits_NCHW * 1e4).to(torch::kFloat32);
  const auto [value, gradient] = loss_and_gradient(RelaxedBorderLoss(5, {}), example);
  EXPECT_TRUE(std::isfinite(value));
  EXPECT_GT(value, 100);
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
}

TEST(RelaxedBorder, IsZeroNotNanWithoutAValidPixel) {
  Example example = make_example(1, 5, 6, 7);
  example.labels_NHW.fill_(kIgnore);
  const auto [value, gradient] = loss_and_gradient(RelaxedBorderLoss(5, {}), example);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(gradient.abs().max().item<double>(), 0);
}

TEST(RelaxedBorder, TeachesNothingAtIgnoredPixels) {
  const Example example = make_example(2, 5, 6, 7);
  const torch::Tensor gradient = loss_and_gradient(RelaxedBorderLoss(5, {}), example).second;
  EXPECT_EQ((gradient.abs().sum(1) * example.labels_NHW.eq(kIgnore)).max().item<double>(), 0);
}

}  // namespace
}  // namespace strata
