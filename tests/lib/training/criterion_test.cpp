#include "training/criterion.h"

#include "base/error.h"
#include "losses/pixel_counts.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;

constexpr int kClasses = 3, kIgnore = 255;

TrainingOutputs random_outputs() {
  torch::manual_seed(1);
  const auto logits = [] { return torch::randn({2, kClasses, 16, 20}, torch::kDouble); };
  return {.pred_NCHW = logits(), .aux_NCHW = logits(), .pred_scales_NCHW = {{0.5, logits()}, {1, logits()}}};
}

torch::Tensor random_labels() {
  torch::manual_seed(2);
  torch::Tensor labels = torch::randint(kClasses, {2, 16, 20}, torch::kLong);
  labels[0].slice(0, 0, 3).fill_(kIgnore);
  return labels;
}

LossScope scope_of(const torch::Tensor& labels) {
  LossScope scope{.valid_pixels = (labels != kIgnore).sum().item<int64_t>(), .samples = labels.size(0)};
  scope.ignored_pixels = labels.numel() - scope.valid_pixels;
  scope.class_pixels = pixels_of_classes(labels, kClasses);
  return scope;
}

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

TEST(Criterion, WithRmiTheHeadsBesideTheMainOneHaveThePixelPartOnly) {
  LossOptions options;
  options.supervised_mscale_weight = 0.05;
  const TrainingOutputs outputs = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const Criterion::Terms terms = Criterion(options, kClasses, kIgnore).share(outputs, labels, scope);

  const RmiLoss rmi(kClasses);
  const BinaryCrossEntropyLoss bce(kClasses);
  const double expected = value(rmi.share(outputs.pred_NCHW, labels, scope)) +
                          0.4 * value(bce.share(outputs.aux_NCHW, labels, scope)) +
                          0.05 * value(bce.share(outputs.pred_scales_NCHW[0].tensor, labels, scope)) +
                          0.05 * value(bce.share(outputs.pred_scales_NCHW[1].tensor, labels, scope));
  EXPECT_NEAR(value(terms.total), expected, 1e-6);
  EXPECT_THAT(terms.parts, ElementsAre(Key("aux"), Key("hi"), Key("lo"), Key("main_bce"), Key("main_rmi")));
}

TEST(Criterion, WithCrossEntropyEveryTermIsCrossEntropy) {
  LossOptions options;
  options.name = LossOptions::Name::kCrossEntropy;
  options.ocr_alpha = 0.5;
  const TrainingOutputs outputs = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const Criterion::Terms terms = Criterion(options, kClasses, kIgnore).share(outputs, labels, scope);
  const CrossEntropyLoss ce(kIgnore);
  EXPECT_NEAR(value(terms.total),
              value(ce.share(outputs.pred_NCHW, labels, scope)) + 0.5 * value(ce.share(outputs.aux_NCHW, labels, scope)), 1e-9);
  EXPECT_THAT(terms.parts, ElementsAre(Key("aux"), Key("main")));
}

TEST(Criterion, PartsAddUpToTheTotal) {
  const torch::Tensor labels = random_labels();
  const Criterion::Terms terms = Criterion({}, kClasses, kIgnore).share(random_outputs(), labels, scope_of(labels));
  double sum = 0;
  for (const auto& [name, part] : terms.parts) sum += value(part);
  EXPECT_NEAR(value(terms.total), sum, 1e-6);
}

TEST(Criterion, ScalesFromOneOnAreOneTermTogether) {
  LossOptions options;
  options.supervised_mscale_weight = 0.05;
  TrainingOutputs outputs = random_outputs();
  outputs.pred_scales_NCHW.emplace_back(2, outputs.pred_scales_NCHW[0].tensor);
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const auto parts = Criterion(options, kClasses, kIgnore).share(outputs, labels, scope).parts;
  const BinaryCrossEntropyLoss bce(kClasses);
  const double low = value(bce.share(outputs.pred_scales_NCHW[0].tensor, labels, scope));
  const double one = value(bce.share(outputs.pred_scales_NCHW[1].tensor, labels, scope));
  EXPECT_NEAR(value(parts.at("lo")), 0.05 * low, 1e-9);
  EXPECT_NEAR(value(parts.at("hi")), 0.05 * (one + low), 1e-9);
}

TEST(Criterion, ANetworkWithoutAuxiliaryHeadHasTheMainTermOnly) {
  TrainingOutputs outputs = random_outputs();
  outputs.aux_NCHW = torch::Tensor();
  const torch::Tensor labels = random_labels();
  EXPECT_THAT(Criterion({}, kClasses, kIgnore).share(outputs, labels, scope_of(labels)).parts,
              ElementsAre(Key("main_bce"), Key("main_rmi")));
}

TEST(Criterion, TheAuxiliaryHeadHasRmiOnRequest) {
  LossOptions options;
  options.ocr_aux_rmi = true;
  const TrainingOutputs outputs = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const Criterion::Terms terms = Criterion(options, kClasses, kIgnore).share(outputs, labels, scope);
  const RmiLoss rmi(kClasses);
  EXPECT_NEAR(value(terms.total),
              value(rmi.share(outputs.pred_NCHW, labels, scope)) + 0.4 * value(rmi.share(outputs.aux_NCHW, labels, scope)), 1e-6);
  EXPECT_THAT(terms.parts, ElementsAre(Key("aux_bce"), Key("aux_rmi"), Key("main_bce"), Key("main_rmi")));
}

TEST(Criterion, WithHardPixelsTheOtherHeadsHaveAllPixels) {
  LossOptions options;
  options.name = LossOptions::Name::kHardPixels;
  options.hard_pixels = {.threshold = 0.2, .keep = 7};
  options.class_weights = {1, 2, 3};
  const TrainingOutputs outputs = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const HardPixelLoss hard(kIgnore, options.hard_pixels, options.class_weights);
  const CrossEntropyLoss all(kIgnore, options.class_weights);
  EXPECT_NEAR(value(Criterion(options, kClasses, kIgnore).share(outputs, labels, scope).total),
              value(hard.share(outputs.pred_NCHW, labels, scope)) + 0.4 * value(all.share(outputs.aux_NCHW, labels, scope)),
              1e-9);
}

TEST(Criterion, EveryOtherLossHoldsForAllHeads) {
  const TrainingOutputs outputs = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const auto expect_for_both_heads = [&](LossOptions::Name name, const SegmentationLoss& loss) {
    LossOptions options;
    options.name = name;
    EXPECT_NEAR(value(Criterion(options, kClasses, kIgnore).share(outputs, labels, scope).total),
                value(loss.share(outputs.pred_NCHW, labels, scope)) + 0.4 * value(loss.share(outputs.aux_NCHW, labels, scope)),
                1e-9);
  };
  expect_for_both_heads(LossOptions::Name::kImageWeighted, ImageWeightedCrossEntropyLoss(kIgnore, {}));
  expect_for_both_heads(LossOptions::Name::kRelaxedBorder, RelaxedBorderLoss(kClasses, {}));
}

TEST(Criterion, RefusesClassWeightsThatAreNotOneAClass) {
  LossOptions options;
  options.name = LossOptions::Name::kCrossEntropy;
  options.class_weights = {1, 2};
  EXPECT_THROW(Criterion(options, kClasses, kIgnore), ConfigError);
}

TEST(Criterion, SharesOfTwoHalvesAddUpToTheWhole) {
  LossOptions options;
  options.supervised_mscale_weight = 0.05;
  const Criterion criterion(options, kClasses, kIgnore);
  const TrainingOutputs all = random_outputs();
  const torch::Tensor labels = random_labels();
  const LossScope scope = scope_of(labels);
  const auto half = [&](int64_t i) {
    const auto part = [i](const torch::Tensor& t) { return t.narrow(0, i, 1); };
    TrainingOutputs outputs = {.pred_NCHW = part(all.pred_NCHW), .aux_NCHW = part(all.aux_NCHW), .pred_scales_NCHW = {}};
    for (const auto& [scale, logits] : all.pred_scales_NCHW) outputs.pred_scales_NCHW.emplace_back(scale, part(logits));
    return value(criterion.share(outputs, part(labels), scope).total);
  };
  EXPECT_NEAR(half(0) + half(1), value(criterion.share(all, labels, scope).total), 1e-6);
}

}  // namespace
}  // namespace strata
