#include "losses/image_weighted_cross_entropy.h"

#include "base/error.h"
#include "lib/losses/examples.h"

#include <torch/types.h>

#include <numeric>

namespace strata {
namespace {

using namespace testing;
using Source = ImageWeightOptions::Source;

// Sum of w_y (-log softmax) over sum of w_y of one image, pixel by pixel.
double loss_of_image(const Example& example, int64_t n, const std::vector<double>& weights) {
  const torch::Tensor log_p_CHW = example.logits_NCHW[n].log_softmax(0);
  double sum = 0, total = 0;
  for (int64_t y = 0; y < log_p_CHW.size(1); ++y) {
    for (int64_t x = 0; x < log_p_CHW.size(2); ++x) {
      const auto label = example.labels_NHW[n][y][x].item<int64_t>();
      if (label >= log_p_CHW.size(0)) continue;
      sum -= weights[static_cast<size_t>(label)] * log_p_CHW[label][y][x].item<double>();
      total += weights[static_cast<size_t>(label)];
    }
  }
  return total > 0 ? sum / total : 0;
}

std::vector<double> weights_by_hand(const std::vector<int64_t>& pixels, double bound) {
  const auto all = static_cast<double>(std::accumulate(pixels.begin(), pixels.end(), int64_t{0}));
  std::vector<double> weights;
  for (int64_t n : pixels) weights.push_back(n > 0 ? bound * (1 - static_cast<double>(n) / all) + 1 : 1);
  return weights;
}

double value_of(const Example& example, const ImageWeightOptions& options, int64_t ignore_id = kIgnore) {
  return whole_loss(ImageWeightedCrossEntropyLoss(ignore_id, options), example);
}

Example lopsided() {
  Example example = make_example(2, 4, 6, 7);
  example.labels_NHW[0].slice(0, 0, 4).fill_(2);
  return example;
}

TEST(ImageWeightedCrossEntropy, WeighsByTheWholeBatchAndAveragesOverImages) {
  const Example example = lopsided();
  const auto weights = weights_by_hand(scope_of(example).class_pixels, 1.5);
  EXPECT_NEAR(value_of(example, {.bound = 1.5}), (loss_of_image(example, 0, weights) + loss_of_image(example, 1, weights)) / 2,
              1e-12);
}

TEST(ImageWeightedCrossEntropy, OrByEachImageAlone) {
  const Example example = lopsided();
  double expected = 0;
  for (int64_t n = 0; n < 2; ++n) {
    const auto weights = weights_by_hand(pixels_of_classes(example.labels_NHW[n], 4), 1.0);
    expected += loss_of_image(example, n, weights) / 2;
  }
  EXPECT_NEAR(value_of(example, {.source = Source::kImage}), expected, 1e-12);
}

TEST(ImageWeightedCrossEntropy, AsTheReferenceSumsAndCountsAnIgnoreIdOfCAsTheLastClass) {
  Example example = lopsided();
  example.labels_NHW.masked_fill_(example.labels_NHW.eq(kIgnore), 4);
  LossScope scope = {.samples = 2, .class_pixels = pixels_of_classes(example.labels_NHW, 4)};
  scope.ignored_pixels = example.labels_NHW.eq(4).sum().item<int64_t>();
  auto pixels = scope.class_pixels;
  pixels.back() += scope.ignored_pixels;
  const auto weights = weights_by_hand(pixels, 1.0);
  const double found = ImageWeightedCrossEntropyLoss(4, {.source = Source::kReference})
                           .share(example.logits_NCHW, example.labels_NHW, scope)
                           .item<double>();
  EXPECT_NEAR(found, loss_of_image(example, 0, weights) + loss_of_image(example, 1, weights), 1e-12);
}

TEST(ImageWeightedCrossEntropy, SharesOfTwoHalvesAddUpToTheWhole) {
  for (Source source : {Source::kBatch, Source::kImage, Source::kReference}) {
    expect_shares_add_up(ImageWeightedCrossEntropyLoss(kIgnore, {.source = source}), lopsided());
  }
}

TEST(ImageWeightedCrossEntropy, OfAnImageWithoutAValidPixelIsZeroNotNan) {
  Example example = make_example(2, 4, 6, 7);
  example.labels_NHW[0].fill_(kIgnore);
  const auto [value, gradient] = loss_and_gradient(ImageWeightedCrossEntropyLoss(kIgnore, {}), example);
  EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(gradient[0].abs().max().item<double>(), 0);
  EXPECT_GT(gradient[1].abs().max().item<double>(), 0);
}

TEST(ImageWeightedCrossEntropy, RefusesAScopeWithoutPixelsByClass) {
  const Example example = make_example(1, 4, 6, 7);
  EXPECT_THROW(ImageWeightedCrossEntropyLoss(kIgnore, {}).share(example.logits_NCHW, example.labels_NHW, {.samples = 1}),
               InternalError);
}

}  // namespace
}  // namespace strata
