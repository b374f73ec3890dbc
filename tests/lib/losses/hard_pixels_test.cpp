#include "losses/hard_pixels.h"

#include "lib/losses/examples.h"

#include <torch/types.h>

#include <algorithm>
#include <limits>

namespace strata {
namespace {

using namespace testing;

// Sorted choice per sample, as the text says it.
double by_hand(const Example& example, const HardPixelOptions& options, const std::vector<double>& weights) {
  const torch::Tensor p_NCHW = example.logits_NCHW.softmax(1);
  double loss = 0;
  for (int64_t n = 0; n < p_NCHW.size(0); ++n) {
    std::vector<std::pair<double, double>> pixels;  // probability of the own class, its weight
    for (int64_t y = 0; y < p_NCHW.size(2); ++y) {
      for (int64_t x = 0; x < p_NCHW.size(3); ++x) {
        const auto label = example.labels_NHW[n][y][x].item<int64_t>();
        if (label != kIgnore) pixels.emplace_back(p_NCHW[n][label][y][x].item<double>(), weights[static_cast<size_t>(label)]);
      }
    }
    std::sort(pixels.begin(), pixels.end());
    double sum = 0, chosen = 0;
    for (size_t k = 0; k < pixels.size(); ++k) {
      if (pixels[k].first >= options.threshold && static_cast<int64_t>(k) >= options.keep) continue;
      sum -= pixels[k].second * std::log(pixels[k].first);
      ++chosen;
    }
    loss += chosen > 0 ? sum / chosen : 0;
  }
  return loss / static_cast<double>(p_NCHW.size(0));
}

const std::vector<double> kEqual(4, 1.0), kWeights = {0.5, 1, 2, 4};

TEST(HardPixels, AreThoseBelowTheThreshold) {
  const Example example = make_example(2, 4, 8, 9);
  const HardPixelOptions options{.threshold = 0.3, .keep = 1};
  EXPECT_NEAR(whole_loss(HardPixelLoss(kIgnore, options), example), by_hand(example, options, kEqual), 1e-12);
}

TEST(HardPixels, AreAtLeastAsManyAsAskedFor) {
  const Example example = make_example(2, 4, 8, 9);
  const HardPixelOptions options{.threshold = 0.001, .keep = 20};
  EXPECT_NEAR(whole_loss(HardPixelLoss(kIgnore, options), example), by_hand(example, options, kEqual), 1e-12);
}

TEST(HardPixels, AreAllWhereASampleHasFewer) {
  const Example example = make_example(1, 4, 8, 9);
  EXPECT_NEAR(whole_loss(HardPixelLoss(kIgnore, {.threshold = 0.001, .keep = 1000}), example),
              whole_loss(CrossEntropyLoss(kIgnore), example), 1e-12);
}

TEST(HardPixels, WeighTheirClassesButAreCountedAlike) {
  const Example example = make_example(2, 4, 8, 9);
  const HardPixelOptions options{.threshold = 0.3, .keep = 10};
  EXPECT_NEAR(whole_loss(HardPixelLoss(kIgnore, options, kWeights), example), by_hand(example, options, kWeights), 1e-12);
}

TEST(HardPixels, OfASampleDoNotDependOnOtherSamples) {
  expect_shares_add_up(HardPixelLoss(kIgnore, {.threshold = 0.3, .keep = 10}, kWeights), make_example(3, 4, 8, 9));
}

TEST(HardPixels, TiedWithTheLastChosenOneCountToo) {
  Example example = make_example(1, 4, 8, 9);
  example.logits_NCHW.zero_();
  const auto [value, gradient] = loss_and_gradient(HardPixelLoss(kIgnore, {.threshold = 0.1, .keep = 5}), example);
  EXPECT_NEAR(value, std::log(4.0), 1e-12);
  EXPECT_TRUE(gradient.abs().sum(1).gt(0).equal(example.labels_NHW.ne(kIgnore)));
}

TEST(HardPixels, OfASampleWithoutAValidPixelAreNoneAndTheLossIsNotNan) {
  Example example = make_example(2, 4, 8, 9);
  example.labels_NHW[1].fill_(kIgnore);
  const auto [value, gradient] = loss_and_gradient(HardPixelLoss(kIgnore, {}), example);
  EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(gradient[1].abs().max().item<double>(), 0);
}

TEST(HardPixels, ShowNanLogitsInsteadOfLeavingThemOut) {
  Example example = make_example(1, 4, 8, 9);
  example.labels_NHW.fill_(1);
  example.logits_NCHW[0][1][5][5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(whole_loss(HardPixelLoss(kIgnore, {.threshold = 0.001, .keep = 3}), example)));
}

}  // namespace
}  // namespace strata
