// The whole network in double against parity/models.h5: names, outputs, every n-scale inference, and one training step.

#include "lib/models/reference_model.h"
#include "models/ocrnet.h"
#include "models/safetensors.h"

#include <torch/autograd.h>
#include <torch/nn/module.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

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

// One scale alone, taken apart: logits and attention at the size of its input.
struct OneScale {
  torch::Tensor logits_NCHW, attention_N1HW;
};
OneScale run_one_scale(torch::nn::Module& model, const torch::Tensor& images_NCHW) {
  const torch::NoGradGuard no_gradients;
  const auto children = model.named_children();
  const DropoutKeys keys;
  const OcrOutputs ocr =
      children["ocr"]->as<OcrBlock>()->forward(children["backbone"]->as<Hrnet>()->forward(images_NCHW), {keys, ""});
  const BilinearResize resize(BilinearResize::Corners::kFree);
  const ImageSize size = size_of(images_NCHW);
  return {resize(ocr.logits_NCHW, size), resize(children["scale_attn"]->as<ScaleAttention>()->forward(ocr.features_NCHW), size)};
}

torch::Tensor first_image(const ReferenceModel& reference) { return reference.images().narrow(0, 0, 1); }

void expect_two_scale_outputs(const ReferenceModel& reference) {
  const torch::NoGradGuard no_gradients;
  const torch::Tensor image = first_image(reference);
  const TrainingOutputs outputs = reference.model()->forward_training(image, {});
  reference.expect_output(outputs.pred_NCHW, "eval/pred", kTolerance);
  reference.expect_output(outputs.pred_hi_NCHW, "eval/pred_10x", kTolerance);

  const BilinearResize resize(BilinearResize::Corners::kFree);
  const OneScale low = run_one_scale(*reference.model(), resize(image, scaled_size(image, 0.5)));
  reference.expect_output(low.logits_NCHW, "eval/pred_05x", kTolerance);
  reference.expect_output(low.attention_N1HW, "eval/attn_05x", kTolerance);
}

TEST(MultiScaleNetwork, AgreesInNamesShapesAndOutputsAtTwoThreeAndFourScales) {
  const ReferenceModel reference("ocrnet.HRNet_Mscale");
  expect_names_and_shapes(reference);
  reference.model()->eval();
  expect_two_scale_outputs(reference);
  const InferenceOutputs three = reference.model()->forward_inference(first_image(reference), {0.5, 1, 2});
  reference.expect_output(three.pred_NCHW, "nscale_0.5_1.0_2.0/pred", kTolerance);
  reference.expect_output(three.attention_N1HW.at(0).second, "nscale_0.5_1.0_2.0/attn_1.0x", kTolerance);
  const InferenceOutputs four = reference.model()->forward_inference(first_image(reference), {2, 0.25, 1, 0.5});
  reference.expect_output(four.pred_NCHW, "nscale_0.25_0.5_1.0_2.0/pred", kTolerance);
}

TEST(MultiScaleNetwork, AgreesInSinglePrecisionToFourDigits) {
  const ReferenceModel reference("ocrnet.HRNet_Mscale");
  reference.model()->to(torch::kFloat32);
  reference.model()->eval();
  const torch::Tensor image = first_image(reference).to(torch::kFloat32).contiguous(torch::MemoryFormat::ChannelsLast);
  const InferenceOutputs outputs = reference.model()->forward_inference(image, {0.5, 1, 2});
  reference.expect_output(outputs.pred_NCHW.to(torch::kFloat64), "nscale_0.5_1.0_2.0/pred", 1e-4);
}

TEST(MultiScaleNetwork, FirstRmiStepAgreesInLossGradientsParametersAndStatistics) {
  ReferenceModel("ocrnet.HRNet_Mscale").expect_training(ReferenceModel::Loss::kRmi, 1);
}

TEST(SingleScaleNetwork, AgreesInNamesShapesAndOutputs) {
  const ReferenceModel reference("ocrnet.HRNet");
  expect_names_and_shapes(reference);
  reference.model()->eval();
  reference.expect_output(reference.model()->forward_inference(first_image(reference), {1}).pred_NCHW, "eval/pred", kTolerance);
}

}  // namespace
}  // namespace strata
