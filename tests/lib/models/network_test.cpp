#include "base/error.h"
#include "lib/models/small_model.h"
#include "losses/loss.h"
#include "models/hrnet.h"
#include "models/safetensors.h"
#include "support/rule.h"

#include <torch/types.h>

#include <gmock/gmock.h>

namespace strata {
namespace {

using namespace testing;
using ::testing::HasSubstr;

int64_t parameters_of(const std::string& name, int classes) {
  ModelOptions options;
  options.name = name;
  options.num_classes = classes;
  return parameter_count(*make_model(options));
}

// Counts from the reference's own code (reference.md 0, fact 10).
TEST(Network, HasTheParametersOfTheReference) {
  EXPECT_EQ(parameters_of("ocrnet.HRNet_Mscale", 65), 72'200'194);
  EXPECT_EQ(parameters_of("ocrnet.HRNet", 65), 70'429'442);
}

TEST(Network, TrunkOfW48HasTheParametersOfTheReference) {
  const Hrnet trunk(hrnet_structure(Width::kW48), local_batch_norm(), BilinearResize(BilinearResize::Corners::kFree));
  EXPECT_EQ(parameter_count(trunk), 65'325'120);
  EXPECT_EQ(trunk.channels().last, 720);
}

torch::Tensor rule_images(int64_t samples, int64_t height, int64_t width) {
  const auto values = uniform(fnv1a64("images"), static_cast<size_t>(samples * 3 * height * width));
  return torch::tensor(values, torch::kFloat64).reshape({samples, 3, height, width});
}

std::shared_ptr<SegmentationModel> rule_model(ModelOptions options) {
  options.dropout = 0;
  const auto model = make_model(options);
  NamedTensors state = state_of(*model);
  for (auto& [name, tensor] : state.tensors) {
    tensor.copy_(torch::tensor(rule_values(name, tensor.sizes().vec())).reshape(tensor.sizes()));
  }
  model->to(torch::kFloat64);
  model->eval();
  return model;
}

void expect_near(const torch::Tensor& a, const torch::Tensor& b, double tolerance) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance * b.abs().max().item<double>());
}

// Origin of the numbers: this implementation in double, at the commit where it agreed with the reference in models_parity_test.
TEST(Network, PredictsWhatItDidWhenItAgreedWithTheReference) {
  const torch::Tensor pred = rule_model(small_options())->forward_inference(rule_images(1, 64, 96), {0.5, 1, 2}).pred_NCHW;
  EXPECT_NEAR(pred.norm().item<double>(), 25.248227636951686, 1e-9);
  EXPECT_NEAR(pred[0][0][0][0].item<double>(), 0.056338987349016545, 1e-9);
  EXPECT_NEAR(pred[0][4][40][70].item<double>(), 0.023693353481507723, 1e-9);
}

TEST(Network, LearnsWhatItDidWhenItAgreedWithTheReference) {
  const auto model = rule_model(small_options());
  model->train();
  const TrainingOutputs outputs = model->forward_training(rule_images(2, 64, 96), {});
  const torch::Tensor labels = torch::arange(2 * 64 * 96).reshape({2, 64, 96}).remainder(5);
  const LossScope scope{.valid_pixels = labels.numel(), .samples = 2};
  const torch::Tensor loss =
      RmiLoss(5).share(outputs.pred_NCHW, labels, scope) + 0.4 * BinaryCrossEntropyLoss(5).share(outputs.aux_NCHW, labels, scope);
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 0.62447534921286629, 1e-6);
  const auto parameters = model->named_parameters();
  EXPECT_NEAR(parameters["backbone.conv1.weight"].grad().norm().item<double>(), 5.6081658340927358, 1e-6);
  EXPECT_NEAR(parameters["scale_attn.conv2.weight"].grad().norm().item<double>(), 0.073047278557932846, 1e-6);
  EXPECT_NEAR(state_of(*model).find("scale_attn.bn1.running_var")->sum().item<double>(), 6.2340173334649851, 1e-9);
}

TEST(Network, OutputsHaveTheSizeOfTheInputEvenWhenItIsOdd) {
  const auto model = rule_model(small_options());
  const torch::Tensor images = rule_images(1, 53, 71);
  const auto inference = model->forward_inference(images, {0.25, 0.5, 1, 1.5});
  EXPECT_EQ(inference.pred_NCHW.sizes(), (std::vector<int64_t>{1, 5, 53, 71}));
  ASSERT_EQ(inference.attention_N1HW.size(), 3u);
  for (const auto& [scale, attention] : inference.attention_N1HW)
    EXPECT_EQ(attention.sizes(), (std::vector<int64_t>{1, 1, 53, 71}));
  const TrainingOutputs training = model->forward_training(images, {});
  ASSERT_EQ(training.pred_scales_NCHW.size(), 2u);
  for (const auto& x :
       {training.pred_NCHW, training.aux_NCHW, training.pred_scales_NCHW[0].tensor, training.pred_scales_NCHW[1].tensor}) {
    EXPECT_EQ(x.sizes(), (std::vector<int64_t>{1, 5, 53, 71}));
  }
}

TEST(Network, TrainingForwardIsTwoScaleInferenceInEvaluationMode) {
  const auto model = rule_model(small_options());
  const torch::Tensor images = rule_images(1, 64, 96);
  expect_near(model->forward_training(images, {}).pred_NCHW, model->forward_inference(images, {1, 0.5}).pred_NCHW, 1e-12);
}

TEST(Network, ChannelsLastImagesGiveTheSame) {
  const auto model = rule_model(small_options());
  const torch::Tensor images = rule_images(2, 64, 96);
  const torch::Tensor expected = model->forward_inference(images, {0.5, 1}).pred_NCHW;
  const torch::Tensor pred = model->forward_inference(images.contiguous(torch::MemoryFormat::ChannelsLast), {0.5, 1}).pred_NCHW;
  expect_near(pred, expected, 1e-12);
}

TEST(Network, SamplesDoNotMixInEvaluationMode) {
  const auto model = rule_model(small_options());
  const torch::Tensor images = rule_images(2, 64, 96);
  const torch::Tensor both = model->forward_inference(images, {0.5, 1}).pred_NCHW;
  expect_near(model->forward_inference(images.narrow(0, 1, 1), {0.5, 1}).pred_NCHW, both.narrow(0, 1, 1), 1e-12);
}

TEST(Network, AlignCornersChangesThePrediction) {
  ModelOptions options = small_options();
  const torch::Tensor images = rule_images(1, 64, 96);
  const torch::Tensor free = rule_model(options)->forward_inference(images, {1}).pred_NCHW;
  options.align_corners = true;
  EXPECT_GT((rule_model(options)->forward_inference(images, {1}).pred_NCHW - free).abs().max().item<double>(), 1e-6);
}

TEST(Network, EveryParameterGetsAGradient) {
  for (const char* name : {"ocrnet.HRNet", "ocrnet.HRNet_Mscale"}) {
    ModelOptions options = small_options();
    options.name = name;
    const auto model = make_model(options);
    const auto outputs = model->forward_training(rule_images(2, 64, 64).to(torch::kFloat32), {.epoch = 0, .positions = {0, 1}});
    (outputs.pred_NCHW.square().mean() + outputs.aux_NCHW.square().mean()).backward();
    for (const auto& parameter : model->named_parameters())
      EXPECT_TRUE(parameter.value().grad().defined()) << name << parameter.key();
  }
}

TEST(Network, DropoutActsInTrainingAndHangsOnThePositionAlone) {
  ModelOptions options = small_options();
  options.dropout = 0.5;
  const torch::Tensor images = rule_images(2, 32, 32).to(torch::kFloat32);
  const auto run = [&](uint64_t epoch) {
    const auto model = make_model(options);
    return model->forward_training(images, {.epoch = epoch, .positions = {8, 9}}).pred_NCHW;
  };
  EXPECT_TRUE(torch::equal(run(1), run(1)));
  EXPECT_FALSE(torch::equal(run(1), run(2)));
}

TEST(Network, InferenceRefusesTrainingMode) {
  const auto model = make_model(small_options());
  EXPECT_THROW(model->forward_inference(torch::zeros({1, 3, 32, 32}), {1}), InternalError);
}

TEST(Network, RefusesScalesItCannotJoin) {
  const auto model = rule_model(small_options());
  const torch::Tensor images = rule_images(1, 32, 32);
  for (const std::vector<double>& scales : {std::vector<double>{}, {0.5, 2}, {1, 0}, {-1}}) {
    EXPECT_THROW(model->forward_inference(images, scales), ConfigError);
  }
  EXPECT_EQ(model->forward_inference(images, {0.5}).pred_NCHW.size(2), 32);
  ModelOptions single = small_options();
  single.name = "ocrnet.HRNet";
  EXPECT_THROW(rule_model(single)->forward_inference(images, {0.5, 1}), ConfigError);
}

TEST(Factory, NamesTheKnownNetworksAndWidths) {
  ModelOptions options = small_options();
  options.name = "ocrnet.Hrnet";
  try {
    make_model(options);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("known: ocrnet.HRNet, ocrnet.HRNet_Mscale"));
  }
  EXPECT_EQ(parse_width("w18-small"), Width::kW18Small);
  EXPECT_EQ(width_name(Width::kW48), "w48");
  EXPECT_THROW(parse_width("w64"), ConfigError);
}

TEST(Factory, RefusesChannelsThatCannotBe) {
  ModelOptions options = small_options();
  options.ocr_channels = 15;
  EXPECT_THROW(make_model(options), ConfigError);
}

TEST(Factory, BuildsWithTheNormsItIsGiven) {
  int64_t made = 0;
  make_model(small_options(), [&made](int64_t channels) {
    ++made;
    return local_batch_norm()(channels);
  });
  EXPECT_GT(made, 30);
}

}  // namespace
}  // namespace strata
