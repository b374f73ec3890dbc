#include "base/error.h"
#include "lib/losses/examples.h"
#include "losses/loss.h"

#include <torch/types.h>

namespace strata {
namespace {

using namespace testing;

// -log softmax and sigmoid BCE written out pixel by pixel.
struct Sums {
  double cross_entropy = 0, binary = 0;
};
Sums sums_by_hand(const Example& example) {
  const auto logits = example.logits_NCHW.accessor<double, 4>();
  const auto labels = example.labels_NHW.accessor<int64_t, 3>();
  Sums sums;
  for (int64_t n = 0; n < labels.size(0); ++n) {
    for (int64_t y = 0; y < labels.size(1); ++y) {
      for (int64_t x = 0; x < labels.size(2); ++x) {
        const int64_t label = labels[n][y][x];
        if (label == kIgnore) continue;
        double exponentials = 0;
        for (int64_t c = 0; c < logits.size(1); ++c) {
          const double z = logits[n][c][y][x];
          exponentials += std::exp(z);
          sums.binary += c == label ? std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
        }
        sums.cross_entropy += std::log(exponentials) - logits[n][label][y][x];
      }
    }
  }
  return sums;
}

TEST(CrossEntropy, IsTheMeanOfMinusLogSoftmaxOverValidPixels) {
  const Example example = make_example(2, 5, 6, 7);
  const double expected = sums_by_hand(example).cross_entropy / static_cast<double>(scope_of(example.labels_NHW).valid_pixels);
  EXPECT_NEAR(whole_loss(CrossEntropyLoss(kIgnore), example), expected, 1e-12);
}

TEST(CrossEntropy, SharesOfTwoHalvesAddUpToTheWhole) {
  expect_shares_add_up(CrossEntropyLoss(kIgnore), make_example(2, 5, 6, 7));
}

TEST(CrossEntropy, IsZeroNotNanWithoutAValidPixel) {
  Example example = make_example(1, 5, 6, 7);
  example.labels_NHW.fill_(kIgnore);
  const auto [value, gradient] = loss_and_gradient(CrossEntropyLoss(kIgnore), example);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(gradient.abs().max().item<double>(), 0);
}

TEST(CrossEntropy, DoesNotDependOnTheMemoryFormat) {
  Example example = make_example(2, 5, 6, 7);
  const double contiguous = whole_loss(CrossEntropyLoss(kIgnore), example);
  example.logits_NCHW = example.logits_NCHW.contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_NEAR(whole_loss(CrossEntropyLoss(kIgnore), example), contiguous, 1e-12);
}

const std::vector<double> kWeights = {0.5, 1, 2, 4, 0.25};

TEST(ClassWeightedCrossEntropy, IsTheWeightedMeanOfPixels) {
  const Example example = make_example(2, 5, 6, 7);
  const torch::Tensor log_p_NCHW = example.logits_NCHW.log_softmax(1);
  const auto log_p = log_p_NCHW.accessor<double, 4>();
  const auto labels = example.labels_NHW.accessor<int64_t, 3>();
  double sum = 0, weights = 0;
  for (int64_t n = 0; n < 2; ++n) {
    for (int64_t i = 0; i < 6 * 7; ++i) {
      const int64_t y = i / 7, x = i % 7, label = labels[n][y][x];
      if (label == kIgnore) continue;
      sum -= kWeights[static_cast<size_t>(label)] * log_p[n][label][y][x];
      weights += kWeights[static_cast<size_t>(label)];
    }
  }
  EXPECT_NEAR(whole_loss(CrossEntropyLoss(kIgnore, kWeights), example), sum / weights, 1e-12);
}

TEST(ClassWeightedCrossEntropy, SharesOfTwoHalvesAddUpToTheWhole) {
  expect_shares_add_up(CrossEntropyLoss(kIgnore, kWeights), make_example(2, 5, 6, 7));
}

TEST(ClassWeightedCrossEntropy, WithEqualWeightsIsCrossEntropy) {
  const Example example = make_example(2, 5, 6, 7);
  EXPECT_NEAR(whole_loss(CrossEntropyLoss(kIgnore, std::vector<double>(5, 3.0)), example),
              whole_loss(CrossEntropyLoss(kIgnore), example), 1e-12);
}

TEST(ClassWeightedCrossEntropy, IsZeroWhereOnlyClassesOfWeightZeroOccur) {
  Example example = make_example(1, 5, 6, 7);
  example.labels_NHW.fill_(0);
  EXPECT_EQ(whole_loss(CrossEntropyLoss(kIgnore, {0, 1, 1, 1, 1}), example), 0);
}

TEST(ClassWeightedCrossEntropy, RefusesWeightsOfAnotherNumberOfClasses) {
  EXPECT_THROW(whole_loss(CrossEntropyLoss(kIgnore, {1, 2}), make_example(1, 5, 6, 7)), InternalError);
}

TEST(CrossEntropy, GivesChannelsLastLogitsAChannelsLastGradient) {
  const Example example = make_example(2, 5, 6, 7);
  const torch::Tensor logits_NCHW =
      example.logits_NCHW.detach().contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_(true);
  const torch::Tensor loss = CrossEntropyLoss(kIgnore).share(logits_NCHW, example.labels_NHW, scope_of(example.labels_NHW));
  const torch::Tensor gradient = torch::autograd::grad({loss}, {logits_NCHW})[0];
  EXPECT_TRUE(gradient.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(BinaryCrossEntropy, SumsOverClassesAndDividesByValidPixelsPlusOne) {
  const Example example = make_example(2, 5, 6, 7);
  const double expected = sums_by_hand(example).binary / (static_cast<double>(scope_of(example.labels_NHW).valid_pixels) + 1);
  EXPECT_NEAR(whole_loss(BinaryCrossEntropyLoss(5), example), expected, 1e-12);
}

TEST(BinaryCrossEntropy, SharesOfTwoHalvesAddUpToTheWhole) {
  expect_shares_add_up(BinaryCrossEntropyLoss(5), make_example(2, 5, 6, 7));
}

TEST(BinaryCrossEntropy, MasksEveryLabelOutsideTheClasses) {
  Example example = make_example(1, 5, 6, 7);
  const double expected = whole_loss(BinaryCrossEntropyLoss(5), example);
  const LossScope scope = scope_of(example.labels_NHW);
  example.labels_NHW.masked_fill_(example.labels_NHW.eq(kIgnore), -1);
  EXPECT_EQ(BinaryCrossEntropyLoss(5).share(example.logits_NCHW, example.labels_NHW, scope).item<double>(), expected);
}

}  // namespace
}  // namespace strata
