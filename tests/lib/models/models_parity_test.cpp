// The whole network in double against parity/models.h5: names, outputs, every n-scale inference, and one training step.

#include "lib/models/reference_model.h"
#include "models/composed_network.h"
#include "models/frozen_network.h"
#include "models/safetensors.h"
#include "models/scale_attention.h"

#include <torch/autograd.h>
#include <torch/nn/module.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace strata {
namespace {

using namespace testing;

constexpr double kTolerance = 1e-9;

void expect_names_and_shapes(const ReferenceModel& reference) {
  const auto names = reference.texts("state/name"), shapes = reference.texts("state/shape");
  const NamedTensors state = state_of(*reference.model());
  ASSERT_EQ(state.tensors.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(state.tensors[i].first, names[i]);
    EXPECT_EQ(fmt::format("{}", fmt::join(state.tensors[i].second.sizes(), ",")), shapes[i]) << names[i];
  }
  EXPECT_EQ(parameter_count(*reference.model()), static_cast<int64_t>(reference.attribute("num_parameters")));
}

// The low scale alone, taken apart: logits and attention at the size of its input.
void expect_low_scale(const ReferenceModel& reference, const torch::Tensor& low_NCHW) {
  const torch::NoGradGuard no_gradients;
  auto& network = dynamic_cast<ComposedNetwork&>(*reference.model());
  auto* head = network.named_children()["scale_attn"]->as<ScaleAttention>();
  const DropoutKeys none;
  const DropoutDraw draw{none, ""};
  const DecoderOutputs decoded = network.scale().run(low_NCHW, draw);
  const BilinearResize resize(BilinearResize::Corners::kFree);
  reference.expect_output(resize(decoded.logits_NCHW, size_of(low_NCHW)), "eval/pred_05x", kTolerance);
  reference.expect_output(resize(head->forward(decoded.features_NCHW, draw), size_of(low_NCHW)), "eval/attn_05x", kTolerance);
}

constexpr const char* kThree = "nscale_0.5_1.0_2.0";
constexpr const char* kFour = "nscale_0.25_0.5_1.0_2.0";

torch::Tensor first_image(const ReferenceModel& reference) { return reference.images().narrow(0, 0, 1); }

void expect_pred(const ReferenceModel& reference, const std::vector<double>& scales, const std::string& group) {
  const InferenceOutputs outputs = reference.model()->forward_inference(first_image(reference), scales);
  reference.expect_output(outputs.pred_NCHW, group + "/pred", kTolerance);
}

// The attention of one scale; the file has it at the size of the scale's input, so only scale 1 can be compared.
const torch::Tensor& attention_of_one(const InferenceOutputs& outputs) {
  for (const auto& [scale, attention_N1HW] : outputs.attention_N1HW) {
    if (scale == 1) return attention_N1HW;
  }
  throw std::out_of_range("no attention of scale 1");
}

// Of a network with hierarchical attention: names, both training scales, then three.
void expect_hierarchical(const std::string& name) {
  const ReferenceModel reference(name);
  expect_names_and_shapes(reference);
  reference.model()->eval();
  const torch::Tensor image = first_image(reference);
  {
    const torch::NoGradGuard no_gradients;
    const TrainingOutputs outputs = reference.model()->forward_training(image, {});
    reference.expect_output(outputs.pred_NCHW, "eval/pred", kTolerance);
    ASSERT_EQ(outputs.pred_scales_NCHW.size(), 2u);
    reference.expect_output(outputs.pred_scales_NCHW[1].tensor, "eval/pred_10x", kTolerance);
  }
  const BilinearResize resize(BilinearResize::Corners::kFree);
  expect_low_scale(reference, resize(image, scaled_size(image, 0.5)));
  const InferenceOutputs three = reference.model()->forward_inference(image, {0.5, 1, 2});
  reference.expect_output(three.pred_NCHW, fmt::format("{}/pred", kThree), kTolerance);
  reference.expect_output(attention_of_one(three), fmt::format("{}/attn_1.0x", kThree), kTolerance);
}

// Of a network with one scale.
void expect_single(const std::string& name) {
  const ReferenceModel reference(name);
  expect_names_and_shapes(reference);
  reference.model()->eval();
  expect_pred(reference, {1}, "eval");
}

TEST(OfTheReference, OcrHrnetMscale) { expect_hierarchical("ocrnet.HRNet_Mscale"); }

TEST(OfTheReference, OcrHrnetMscaleAtFourScales) {
  const ReferenceModel reference("ocrnet.HRNet_Mscale");
  reference.model()->eval();
  expect_pred(reference, {2, 0.25, 1, 0.5}, kFour);
}

TEST(OfTheReference, OcrHrnet) { expect_single("ocrnet.HRNet"); }
TEST(OfTheReference, BasicHrnet) { expect_single("basic.HRNet"); }
TEST(OfTheReference, BasicHrnetAsp) { expect_single("basic.HRNet_ASP"); }
TEST(OfTheReference, DeepLabPlusResnet50) { expect_single("deepv3.DeepV3PlusR50"); }
TEST(OfTheReference, DeepLabPlusWideResnet38) { expect_single("deepv3.DeepV3PlusW38"); }
TEST(OfTheReference, DeepLabPlusXception71) { expect_single("deepv3.DeepV3PlusX71"); }
TEST(OfTheReference, DeeperWideResnet38) { expect_single("deeper.DeeperW38"); }
TEST(OfTheReference, MscaleDeepLabResnet50) { expect_hierarchical("mscale.DeepV3R50"); }
TEST(OfTheReference, MscaleHrnet) { expect_hierarchical("mscale.HRNet"); }

TEST(OfTheReference, NeighboursDeepLabResnet50) {
  const ReferenceModel reference("mscale2.DeepV3R50");
  expect_names_and_shapes(reference);
  reference.model()->eval();
  expect_pred(reference, {0.5, 1}, "eval");
  expect_pred(reference, {0.5, 1, 2}, kThree);
}

TEST(OfTheReference, ExplicitDeepLabResnet50) {
  const ReferenceModel reference("attnscale.DeepV3R50");
  expect_names_and_shapes(reference);
  reference.model()->eval();
  expect_pred(reference, {2, 1, 0.5}, "eval");
}

TEST(OfTheReference, SinglePrecisionAgreesToFourDigits) {
  const ReferenceModel reference("ocrnet.HRNet_Mscale");
  reference.model()->to(torch::kFloat32);
  reference.model()->eval();
  const torch::Tensor image = first_image(reference).to(torch::kFloat32).contiguous(torch::MemoryFormat::ChannelsLast);
  const InferenceOutputs outputs = reference.model()->forward_inference(image, {0.5, 1, 2});
  reference.expect_output(outputs.pred_NCHW.to(torch::kFloat64), "nscale_0.5_1.0_2.0/pred", 1e-4);
}

void expect_frozen(torch::Dtype type, double tolerance) {
  const ReferenceModel reference("ocrnet.HRNet_Mscale");
  reference.model()->to(torch::kFloat32);
  reference.model()->eval();
  freeze(*reference.model(), type);
  const torch::Tensor image = first_image(reference).to(torch::kFloat32);
  const InferenceOutputs three = reference.model()->forward_inference(image, {0.5, 1, 2});
  reference.expect_output(three.pred_NCHW.to(torch::kFloat64), "nscale_0.5_1.0_2.0/pred", tolerance);
  reference.expect_output(three.attention_N1HW.at(0).tensor.to(torch::kFloat64), "nscale_0.5_1.0_2.0/attn_1.0x", tolerance);
  const InferenceOutputs four = reference.model()->forward_inference(image, {2, 0.25, 1, 0.5});
  reference.expect_output(four.pred_NCHW.to(torch::kFloat64), "nscale_0.25_0.5_1.0_2.0/pred", tolerance);
}

TEST(OfTheReference, FrozenAgreesInSinglePrecisionToFourDigits) { expect_frozen(torch::kFloat32, 1e-4); }
TEST(OfTheReference, FrozenInBfloat16AgreesWithinItsRounding) { expect_frozen(torch::kBFloat16, 0.05); }

// The other networks and losses, and four scales of the other networks, run in models_training_parity_test, for minutes.
TEST(OfTheReference, FirstRmiStepAgreesInLossGradientsParametersAndStatistics) {
  ReferenceModel("ocrnet.HRNet_Mscale").expect_training(ReferenceModel::Loss::kRmi, 1);
}

}  // namespace
}  // namespace strata
