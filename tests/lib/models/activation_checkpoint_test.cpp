#include "models/activation_checkpoint.h"

#include "lib/models/small_model.h"
#include "models/autocast.h"
#include "models/safetensors.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>

namespace strata {
namespace {

using testing::small_options;

struct Pass {
  TrainingOutputs outputs;
  TensorList gradients;
  NamedTensors state;
};

// Two passes, as accumulation makes them, with dropout.
Pass train(const std::string& name, Activations activations, Precision precision) {
  ModelOptions options = small_options();
  options.name = name;
  options.dropout = 0.3;
  const auto model = make_model(options);
  model->train();
  torch::manual_seed(1);
  Pass pass;
  for (uint64_t step = 0; step < 2; ++step) {
    const torch::Tensor images = torch::randn({2, 3, 32, 48}).contiguous(torch::MemoryFormat::ChannelsLast);
    {
      const ActivationScope scope(activations);
      const Autocast autocast(precision, torch::kCPU);
      pass.outputs = model->forward_training(images, {step, {4, 5}});
    }
    torch::Tensor loss = pass.outputs.pred_NCHW.to(torch::kFloat32).square().mean();
    if (pass.outputs.aux_NCHW.defined()) loss = loss + pass.outputs.aux_NCHW.to(torch::kFloat32).mean();
    loss.backward();
  }
  for (const torch::Tensor& parameter : model->parameters()) pass.gradients.push_back(parameter.grad());
  pass.state = state_of(*model);
  return pass;
}

void expect_same_bits(const Pass& a, const Pass& b) {
  EXPECT_TRUE(torch::equal(a.outputs.pred_NCHW, b.outputs.pred_NCHW));
  ASSERT_EQ(a.outputs.aux_NCHW.defined(), b.outputs.aux_NCHW.defined());
  if (a.outputs.aux_NCHW.defined()) {
    EXPECT_TRUE(torch::equal(a.outputs.aux_NCHW, b.outputs.aux_NCHW));
  }
  ASSERT_EQ(a.gradients.size(), b.gradients.size());
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    ASSERT_TRUE(a.gradients[i].defined() && b.gradients[i].defined()) << i;
    EXPECT_TRUE(torch::equal(a.gradients[i], b.gradients[i])) << i;
  }
  for (const auto& [name, tensor] : a.state.tensors) EXPECT_TRUE(torch::equal(tensor, *b.state.find(name))) << name;
}

TEST(ActivationCheckpoint, RecomputedNetworksHaveTheSameOutputsGradientsAndStatisticsToTheBit) {
  for (const std::string name : {"ocrnet.HRNet", "ocrnet.HRNet_Mscale"}) {
    for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
      SCOPED_TRACE(name + " " + precision_name(precision));
      expect_same_bits(train(name, Activations::kRecomputed, precision), train(name, Activations::kKept, precision));
    }
  }
}

TEST(ActivationCheckpoint, HoldsForEveryTrunkAndDecoder) {
  for (const std::string name : {"ocrnet.OCRNetASPP", "mscale.DeepV3R50", "deeper.DeeperX71", "deepv3.DeepV3PlusW38"}) {
    SCOPED_TRACE(name);
    expect_same_bits(train(name, Activations::kRecomputed, Precision::kFp32), train(name, Activations::kKept, Precision::kFp32));
  }
}

TEST(ActivationCheckpoint, RunsAStageTwiceWhereItIsToBeRecomputedAndOnceElsewhere) {
  torch::nn::Linear linear(3, 2);
  int runs = 0;
  const auto compute = [&](const TensorList& x) {
    ++runs;
    return TensorList{linear(x[0])};
  };
  const torch::Tensor x = torch::ones({1, 3}, torch::requires_grad());
  const auto pass = [&] { checkpointed(*linear, {x}, compute)[0].sum().backward(); };
  pass();
  EXPECT_EQ(runs, 1);
  const torch::Tensor dx = x.grad().clone(), dw = linear->weight.grad().clone();
  const ActivationScope scope(Activations::kRecomputed);
  pass();
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(torch::equal(x.grad(), 2 * dx));
  EXPECT_TRUE(torch::equal(linear->weight.grad(), 2 * dw));
  const torch::NoGradGuard no_gradients;
  checkpointed(*linear, {x}, compute);
  EXPECT_EQ(runs, 4);
}

TEST(ActivationCheckpoint, HandsOnWhatOnlySomeOutputsAndInputsNeed) {
  torch::nn::Linear linear(3, 3);
  const ActivationScope scope(Activations::kRecomputed);
  const torch::Tensor x = torch::ones({1, 3}, torch::requires_grad()), constant = torch::ones({1, 3});
  const TensorList outputs = checkpointed(*linear, {x, constant}, [&](const TensorList& in) {
    return TensorList{in[0] * in[1], linear(in[1])};
  });
  outputs[0].sum().backward({}, /*retain_graph=*/false);
  EXPECT_TRUE(torch::equal(x.grad(), torch::ones({1, 3})));
  EXPECT_FALSE(constant.grad().defined());
  EXPECT_FALSE(linear->weight.grad().defined());
}

TEST(ActivationCheckpoint, GivesAnErrorOfTheSecondRunToTheCaller) {
  torch::nn::Linear linear(3, 2);
  int runs = 0;
  const ActivationScope scope(Activations::kRecomputed);
  const torch::Tensor y = checkpointed(*linear, {torch::ones({1, 3})}, [&](const TensorList& in) {
    TORCH_CHECK(++runs == 1, "the second time");
    return TensorList{linear(in[0])};
  })[0];
  EXPECT_THROW(y.sum().backward(), c10::Error);
}

}  // namespace
}  // namespace strata
