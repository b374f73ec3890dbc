#include "models/frozen_network.h"

#include "base/error.h"
#include "lib/models/small_model.h"
#include "models/chain.h"
#include "models/folded_convolution.h"
#include "models/packed_convolution.h"
#include "models/safetensors.h"
#include "support/rule.h"

#include <ATen/Context.h>
#include <torch/types.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace strata {
namespace {

using namespace testing;

// Every tensor by the rule of parity/README.md, in eval mode.
void fill(torch::nn::Module& module) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : state_of(module).tensors) {
    tensor.copy_(torch::tensor(rule_values(name, tensor.sizes().vec())).reshape(tensor.sizes()));
  }
  module.eval();
}

std::shared_ptr<SegmentationModel> network(torch::Dtype type) {
  const auto model = make_model(small_options());
  fill(*model);
  model->to(type);
  return model;
}

torch::Tensor images(torch::Dtype type) {
  const auto values = uniform(fnv1a64("images"), 3 * 64 * 96);
  return torch::tensor(values, torch::kFloat64).reshape({1, 3, 64, 96}).to(type);
}

double relative_difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  const torch::Tensor exact = b.to(torch::kFloat64);
  return ((a.to(torch::kFloat64) - exact).abs().max() / exact.abs().max()).item<double>();
}

InferenceOutputs infer(SegmentationModel& model, torch::Dtype type) { return model.forward_inference(images(type), {0.5, 1, 2}); }

// Against the plain network in double.
double error_of_frozen(torch::Dtype weights, torch::Dtype type) {
  const auto exact = network(torch::kFloat64), model = network(weights);
  freeze(*model, type);
  return relative_difference(infer(*model, weights).pred_NCHW, infer(*exact, torch::kFloat64).pred_NCHW);
}

// Of every trunk, decoder and fusion.
TEST(FrozenNetwork, OfAnyPartsPredictsInFloat32WhatThePlainOneDoes) {
  for (const std::string name : {"basic.HRNet_ASP", "mscale2.DeepV3R50", "deepv3.DeepV3PlusSRNX50", "deeper.DeeperX71",
                                 "mscale.DeepV3W38Fuse2", "attnscale.DeepV3R50B", "attnscale.DeepV3R50BP"}) {
    ModelOptions options = small_options();
    options.name = name;
    options.aspp_channels = 8;
    const std::vector<double> scales = name.starts_with("attnscale") ? options.fixed_scales
                                       : name.starts_with("mscale")  ? std::vector<double>{0.5, 1}
                                                                     : std::vector<double>{1};
    const auto predict = [&](std::optional<torch::Dtype> type) {
      const auto model = make_blank_model(options);
      fill(*model);
      if (type) freeze(*model, *type);
      return model->forward_inference(images(torch::kFloat32).slice(2, 0, 32).slice(3, 0, 48), scales).pred_NCHW;
    };
    const torch::Tensor plain = predict(std::nullopt), in_fp32 = predict(torch::kFloat32), in_bf16 = predict(torch::kBFloat16);
    EXPECT_LE(relative_difference(in_fp32, plain), 1e-4) << name;
    EXPECT_LE(relative_difference(in_bf16, plain), 0.2) << name;
    EXPECT_EQ(in_bf16.scalar_type(), torch::kFloat32) << name;
  }
}

TEST(FrozenNetwork, EqualsThePlainOneWithinTheRoundingOfItsType) {
  EXPECT_LE(error_of_frozen(torch::kFloat64, torch::kFloat64), 1e-12);
  EXPECT_LE(error_of_frozen(torch::kFloat32, torch::kFloat32), 1e-5);
  EXPECT_LE(error_of_frozen(torch::kFloat32, torch::kBFloat16), 0.05);
}

TEST(FrozenNetwork, AttentionAndLogitsAreFloat32AtLeast) {
  const auto model = network(torch::kFloat32);
  freeze(*model, torch::kBFloat16);
  const InferenceOutputs outputs = infer(*model, torch::kFloat32);
  EXPECT_EQ(outputs.pred_NCHW.scalar_type(), torch::kFloat32);
  ASSERT_EQ(outputs.attention_N1HW.size(), 2u);
  EXPECT_EQ(outputs.attention_N1HW[0].tensor.scalar_type(), torch::kFloat32);
}

TEST(FrozenNetwork, GivesUpItsWeightsAndRefusesTraining) {
  const auto model = network(torch::kFloat32);
  freeze(*model, torch::kFloat32);
  for (const auto& parameter : model->named_parameters()) {
    if (!parameter.key().ends_with("conv1.weight")) continue;
    EXPECT_EQ(parameter.value().numel(), 0) << parameter.key();
  }
  EXPECT_THROW(freeze(*model, torch::kFloat32), InternalError);
  model->train();
  EXPECT_THROW(model->forward_training(images(torch::kFloat32), {}), InternalError);
}

TEST(FrozenNetwork, IsNotMadeOfOneInTraining) {
  const auto model = network(torch::kFloat32);
  model->train();
  EXPECT_THROW(freeze(*model, torch::kFloat32), InternalError);
}

// A convolution with a bias and a norm behind it, grouped, strided, dilated.
struct Unit {
  torch::nn::Module owner;
  ConvNorm step;
  explicit Unit(const ConvolutionOptions& options) : step(owner, {"conv", "bn"}, options, local_batch_norm()) { fill(owner); }
  void freeze_to(torch::Dtype type) { owner.named_children()["conv"]->as<ConvolutionImpl>()->freeze(type); }
};

torch::Tensor activations(int64_t channels) {
  const auto values = uniform(fnv1a64("activations"), static_cast<size_t>(2 * channels * 9 * 11));
  return torch::tensor(values, torch::kFloat32).reshape({2, channels, 9, 11});
}

void expect_every_step_equal(const ConvolutionOptions& options, torch::Dtype type, double tolerance) {
  const torch::NoGradGuard no_gradients;
  Unit plain(options), frozen(options);
  frozen.freeze_to(type);
  const torch::Tensor x = activations(options.in_channels);
  const torch::Tensor y = plain.step(x), residual = y.flip({3}).contiguous(), kept = residual.clone();
  EXPECT_LE(relative_difference(frozen.step(x), y), tolerance);
  EXPECT_LE(relative_difference(frozen.step.relu(x), plain.step.relu(x)), tolerance);
  EXPECT_LE(relative_difference(frozen.step.add_relu(x, residual), plain.step.add_relu(x, residual)), tolerance);
  EXPECT_TRUE(torch::equal(residual, kept));
}

// oneDNN wants weights in another order for inputs of another size.
TEST(FoldedConvolution, GivesTheSameForInputsOfChangingSizes) {
  const torch::NoGradGuard no_gradients;
  Unit plain(conv3x3(96, 48)), frozen(conv3x3(96, 48));
  frozen.freeze_to(torch::kFloat32);
  std::vector<torch::Tensor> first;
  for (int round = 0; round < 2; ++round) {
    for (int64_t width : {4, 16, 200}) {
      const auto values = uniform(fnv1a64("sizes"), static_cast<size_t>(96 * 24 * width));
      const torch::Tensor x = torch::tensor(values, torch::kFloat32).reshape({1, 96, 24, width});
      const torch::Tensor y = frozen.step(x);
      EXPECT_LE(relative_difference(y, plain.step(x)), 1e-5) << width;
      if (round == 0) {
        first.push_back(y);
        continue;
      }
      EXPECT_TRUE(torch::equal(y, first[width == 4 ? 0 : width == 16 ? 1 : 2])) << width;
    }
  }
}

TEST(FoldedConvolution, EqualsConvolutionNormReluAndSum) {
  for (const auto& options : {conv3x3(8, 24), conv3x3(8, 24).strided(2).biased(), conv3x3(8, 24).dilated(3),
                              conv1x1(8, 5).biased(), conv3x3(8, 8).grouped(8), conv5x5(8, 16).grouped(2)}) {
    expect_every_step_equal(options, torch::kFloat32, 1e-5);
    expect_every_step_equal(options, torch::kBFloat16, 0.03);
  }
}

// What a machine without oneDNN's kernels computes.
TEST(FoldedConvolution, WithoutPackedWeightsIsTheSame) {
  const bool enabled = at::globalContext().userEnabledMkldnn();
  at::globalContext().setUserEnabledMkldnn(false);
  EXPECT_FALSE(can_pack(torch::zeros({1, 1, 1, 1})));
  expect_every_step_equal(conv3x3(8, 24).biased(), torch::kFloat32, 1e-5);
  expect_every_step_equal(conv3x3(8, 24), torch::kBFloat16, 0.03);
  at::globalContext().setUserEnabledMkldnn(enabled);
}

TEST(FoldedConvolution, IsPackedWhereTheLibraryHasTheKernels) {
  EXPECT_EQ(can_pack(torch::zeros({1, 1, 1, 1})), at::globalContext().hasMKLDNN());
  EXPECT_FALSE(can_pack(torch::zeros({1, 1, 1, 1}, torch::kFloat64)));
}

}  // namespace
}  // namespace strata
