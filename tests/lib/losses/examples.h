#pragma once
// Logits and labels by rule, and losses taken in parts.

#include "losses/loss.h"
#include "losses/pixel_counts.h"
#include "support/rule.h"

#include <gtest/gtest.h>

namespace strata::testing {

struct Example {
  torch::Tensor logits_NCHW;  // double, in [-3, 3)
  torch::Tensor labels_NHW;   // a class, or kIgnore for about a tenth
};

constexpr int64_t kIgnore = 255;

inline Example make_example(int64_t samples, int64_t classes, int64_t height, int64_t width) {
  const auto logits = uniform(fnv1a64("logits"), static_cast<size_t>(samples * classes * height * width));
  const auto labels = uniform(fnv1a64("labels"), static_cast<size_t>(samples * height * width));
  Example example;
  example.logits_NCHW = 3 * torch::tensor(logits, torch::kFloat64).reshape({samples, classes, height, width});
  const auto drawn = (torch::tensor(labels, torch::kFloat64) + 1) / 2;  // [0, 1)
  const auto class_of = (drawn / 0.9 * static_cast<double>(classes)).floor().to(torch::kInt64);
  example.labels_NHW = torch::where(drawn < 0.9, class_of.clamp_max(classes - 1), torch::full_like(class_of, kIgnore));
  example.labels_NHW = example.labels_NHW.reshape({samples, height, width});
  return example;
}

inline LossScope scope_of(const torch::Tensor& labels_NHW) {
  return {.valid_pixels = labels_NHW.ne(kIgnore).sum().item<int64_t>(), .samples = labels_NHW.size(0)};
}

// With pixels by class, too.
inline LossScope scope_of(const Example& example) {
  LossScope scope = scope_of(example.labels_NHW);
  scope.ignored_pixels = example.labels_NHW.numel() - scope.valid_pixels;
  scope.class_pixels = pixels_of_classes(example.labels_NHW, example.logits_NCHW.size(1));
  return scope;
}

inline double whole_loss(const SegmentationLoss& loss, const Example& example) {
  return loss.share(example.logits_NCHW, example.labels_NHW, scope_of(example)).item<double>();
}

// Value and gradient of the loss computed sample by sample, each a share of the whole.
inline std::pair<double, torch::Tensor> loss_in_shares(const SegmentationLoss& loss, const Example& example) {
  const torch::Tensor logits_NCHW = example.logits_NCHW.clone().requires_grad_();
  double sum = 0;
  for (int64_t i = 0; i < logits_NCHW.size(0); ++i) {
    const auto share = loss.share(logits_NCHW.narrow(0, i, 1), example.labels_NHW.narrow(0, i, 1), scope_of(example));
    sum += share.item<double>();
    share.backward();
  }
  return {sum, logits_NCHW.grad()};
}

inline std::pair<double, torch::Tensor> loss_and_gradient(const SegmentationLoss& loss, const Example& example) {
  const torch::Tensor logits_NCHW = example.logits_NCHW.clone().requires_grad_();
  const auto value = loss.share(logits_NCHW, example.labels_NHW, scope_of(example));
  value.backward();
  return {value.item<double>(), logits_NCHW.grad()};
}

inline void expect_shares_add_up(const SegmentationLoss& loss, const Example& example) {
  const auto [whole, whole_gradient] = loss_and_gradient(loss, example);
  const auto [sum, sum_of_gradients] = loss_in_shares(loss, example);
  EXPECT_NEAR(sum, whole, 1e-6 * std::abs(whole));
  EXPECT_LT((sum_of_gradients - whole_gradient).norm().item<double>(), 1e-6 * whole_gradient.norm().item<double>());
}

}  // namespace strata::testing
