// Fusions of scales beyond the reference's own numbers: what it cannot run, and what must hold for any network.

#include "base/error.h"
#include "lib/models/small_model.h"
#include "models/safetensors.h"
#include "support/rule.h"

#include <torch/types.h>

#include <gmock/gmock.h>

#include <algorithm>

namespace strata {
namespace {

using namespace testing;
using ::testing::HasSubstr;

torch::Tensor rule_images(int64_t samples, int64_t height, int64_t width) {
  const auto values = uniform(fnv1a64("images"), static_cast<size_t>(samples * 3 * height * width));
  return torch::tensor(values, torch::kFloat64).reshape({samples, 3, height, width}).to(torch::kFloat32);
}

ModelOptions options_of(const std::string& name) {
  ModelOptions options = small_options();
  options.name = name;
  options.aspp_channels = 8;
  return options;
}

std::shared_ptr<SegmentationModel> evaluated(const ModelOptions& options) {
  const auto model = make_model(options);
  model->eval();
  return model;
}

double difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

// Those of ResNet-50 and small HRNets; the wide ResNet's are the same parts on 140 million parameters.
const std::vector<std::string> kTwoScaleNetworks = {"ocrnet.HRNet_Mscale", "mscale.HRNet",      "mscale.HRNet_ASP",
                                                    "mscale.DeepV3R50",    "mscale2.DeepV3R50", "attnscale.DeepV3R50BP"};

TEST(ScaleFusion, InferenceAtTheTwoScalesOfTrainingIsItsForwardPass) {
  for (const std::string& name : kTwoScaleNetworks) {
    const auto model = evaluated(options_of(name));
    const torch::NoGradGuard no_gradients;
    const torch::Tensor images = rule_images(1, 64, 96);
    const torch::Tensor trained = model->forward_training(images, {}).pred_NCHW;
    const double largest = trained.abs().max().item<double>();
    EXPECT_LE(difference(model->forward_inference(images, {0.5, 1}).pred_NCHW, trained), 1e-5 * largest) << name;
  }
}

TEST(ScaleFusion, OfContextPyramidsWorksAtAnyNumberOfScales) {
  for (const std::string name : {"mscale.DeepV3W38Fuse", "mscale.DeepV3W38Fuse2"}) {
    const auto model = evaluated(options_of(name));
    model->to(torch::kFloat64);
    const torch::NoGradGuard no_gradients;
    const torch::Tensor images = rule_images(1, 32, 48).to(torch::kFloat64);
    const torch::Tensor trained = model->forward_training(images, {}).pred_NCHW;
    EXPECT_LE(difference(model->forward_inference(images, {1, 0.5}).pred_NCHW, trained), 1e-5) << name;
    const InferenceOutputs three = model->forward_inference(images, {0.5, 1, 2});
    EXPECT_EQ(three.pred_NCHW.sizes(), trained.sizes());
    EXPECT_TRUE(three.pred_NCHW.isfinite().all().item<bool>());
    ASSERT_EQ(three.attention_N1HW.size(), 2u);
    EXPECT_EQ(three.attention_N1HW[0].scale, 1);
    EXPECT_GT(difference(three.pred_NCHW, trained), 1e-6);
  }
}

TEST(ScaleFusion, OfDeeperNetworksWorksAtOddSizes) {
  const auto model = evaluated(options_of("deeper.DeeperX71"));
  EXPECT_EQ(model->forward_inference(rule_images(1, 53, 71), {1}).pred_NCHW.sizes(), (std::vector<int64_t>{1, 5, 53, 71}));
}

TEST(ScaleFusion, AnotherScaleOnTopOfPairsDividesTheWeightOfTheOneBelow) {
  const auto model = evaluated(options_of("attnscale.DeepV3R50BP"));
  const torch::Tensor images = rule_images(1, 64, 64);
  const auto weights_of = [&](const std::vector<double>& scales) {
    std::vector<torch::Tensor> weights;
    for (const auto& [scale, weight_N1HW] : model->forward_inference(images, scales).attention_N1HW)
      weights.push_back(weight_N1HW);
    return weights;
  };
  const auto three = weights_of({0.25, 0.5, 1}), four = weights_of({0.25, 0.5, 1, 2}), five = weights_of({0.25, 0.5, 1, 2, 3});
  ASSERT_EQ(five.size(), 5u);
  EXPECT_LE(difference(four[0], three[0]), 1e-6);
  EXPECT_LE(difference(four[1], three[1]), 1e-6);
  EXPECT_LE(difference(four[2] + four[3], three[2]), 1e-5);
  EXPECT_LE(difference(five[3] + five[4], four[3]), 1e-5);
}

TEST(ScaleFusion, ExplicitAttentionTakesItsOwnScalesOnly) {
  ModelOptions options = options_of("attnscale.DeepV3R50B");
  options.fixed_scales = {1, 0.5};
  const auto model = evaluated(options);
  const torch::Tensor images = rule_images(1, 32, 48);
  EXPECT_EQ(model->forward_inference(images, {1, 0.5}).attention_N1HW.size(), 2u);
  try {
    model->forward_inference(images, {0.5, 1, 2});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("attention map for each of the scales 0.5,1"));
  }
  options.fixed_scales = {0.5, 2};
  EXPECT_THROW(make_model(options), ConfigError);
}

TEST(ScaleFusion, EveryParameterGetsAGradient) {
  std::vector<std::string> names = kTwoScaleNetworks;
  for (const char* name : {"basic.HRNet", "basic.HRNet_ASP", "ocrnet.OCRNetASPP", "deepv3.DeepV3R50", "deepv3.DeepV3PlusSRNX50",
                           "deepv3.DeepV3PlusX71", "attnscale.DeepV3R50", "attnscale.DeepV3R50B"})
    names.emplace_back(name);
  for (const std::string& name : names) {
    const auto model = make_model(options_of(name));
    const auto outputs = model->forward_training(rule_images(2, 32, 32), {.epoch = 0, .positions = {0, 1}});
    torch::Tensor loss = outputs.pred_NCHW.square().mean();
    if (outputs.aux_NCHW.defined()) loss = loss + outputs.aux_NCHW.square().mean();
    loss.backward();
    for (const auto& parameter : model->named_parameters())
      EXPECT_TRUE(parameter.value().grad().defined()) << name << " " << parameter.key();
  }
}

TEST(ScaleFusion, EachScalesOwnPredictionIsThereToBeSupervised) {
  const auto scales_of = [](const std::string& name) {
    std::vector<double> scales;
    const auto outputs =
        make_model(options_of(name))->forward_training(rule_images(2, 32, 32), {.epoch = 0, .positions = {0, 1}});
    for (const auto& [scale, logits] : outputs.pred_scales_NCHW) {
      scales.push_back(scale);
      EXPECT_EQ(logits.sizes(), outputs.pred_NCHW.sizes());
    }
    return scales;
  };
  EXPECT_THAT(scales_of("basic.HRNet"), ::testing::IsEmpty());
  EXPECT_THAT(scales_of("mscale.HRNet"), ::testing::ElementsAre(0.5, 1));
  EXPECT_THAT(scales_of("attnscale.DeepV3R50"), ::testing::ElementsAre(0.5, 1, 2));
}

std::vector<std::string> attention_tensors(const ModelOptions& options) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : state_of(*make_blank_model(options)).tensors) {
    if (name.starts_with("scale_attn.") && tensor.dim() == 4) names.push_back(name);
  }
  return names;
}

TEST(ScaleAttention, HasTheTensorsOfEachForm) {
  ModelOptions options = options_of("mscale.HRNet");
  EXPECT_THAT(attention_tensors(options),
              ::testing::ElementsAre("scale_attn.conv0.weight", "scale_attn.conv1.weight", "scale_attn.conv2.weight"));
  options.attention_head = AttentionHead::kShallow;
  EXPECT_THAT(attention_tensors(options), ::testing::ElementsAre("scale_attn.conv0.weight", "scale_attn.conv2.weight"));
  options.attention_head = AttentionHead::kOriginal;
  EXPECT_THAT(attention_tensors(options),
              ::testing::ElementsAre("scale_attn.0.weight", "scale_attn.3.weight", "scale_attn.6.weight"));
}

TEST(ScaleAttention, OfTheOriginalFormWithTwoMapsHasAKernelAsWide) {
  ModelOptions options = options_of("mscale.DeepV3W38Fuse2");
  options.attention_head = AttentionHead::kOriginal;
  const auto model = make_blank_model(options);
  EXPECT_EQ(state_of(*model).find("scale_attn.6.weight")->sizes(), (std::vector<int64_t>{2, 8, 2, 2}));
}

TEST(ScaleAttention, DropoutActsInTrainingAlone) {
  ModelOptions options = options_of("mscale.HRNet");
  const torch::Tensor images = rule_images(2, 32, 32);
  const auto trained = [&](uint64_t epoch) {
    return make_model(options)->forward_training(images, {.epoch = epoch, .positions = {0, 1}}).pred_NCHW;
  };
  EXPECT_TRUE(torch::equal(trained(1), trained(2)));
  options.attention_dropout = 0.5;
  EXPECT_FALSE(torch::equal(trained(1), trained(2)));
}

TEST(WideResnet, DropsChannelsInTrainingByEpoch) {
  ModelOptions options = options_of("deepv3.DeepV3PlusW38");
  const auto model = make_model(options);
  const torch::Tensor images = rule_images(2, 16, 16);
  const torch::NoGradGuard no_gradients;
  const auto trained = [&](uint64_t epoch) {
    return model->forward_training(images, {.epoch = epoch, .positions = {0, 1}}).pred_NCHW;
  };
  EXPECT_TRUE(torch::equal(trained(1), trained(1)));
  EXPECT_FALSE(torch::equal(trained(1), trained(2)));
}

}  // namespace
}  // namespace strata
