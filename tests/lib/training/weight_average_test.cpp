#include "training/weight_average.h"

#include "base/error.h"
#include "training/optimizer.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

// A weight, a statistic and a counter.
struct ThreeImpl : torch::nn::Module {
  ThreeImpl() {
    weight = register_parameter("weight", torch::full({2}, 8.0));
    statistic = register_buffer("running_mean", torch::full({2}, 80.0));
    counter = register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64));
  }
  void set(double value) {
    torch::NoGradGuard no_grad;
    weight.fill_(value);
    statistic.fill_(10 * value);
    counter.add_(1);
  }
  torch::Tensor weight, statistic, counter;
};
TORCH_MODULE(Three);

double first(const torch::Tensor& tensor) { return tensor[0].item<double>(); }

TEST(WeightAverage, ForgetsFastAtFirstAndThenByItsDecay) {
  Three model;
  WeightAverage average(*model, 0.2);
  double a = 8;
  for (int n = 0; n < 4; ++n) {
    model->set(n);
    average.update();
    const double d = std::min(0.2, (1.0 + n) / (10.0 + n));
    a = d * a + (1 - d) * n;
  }
  const AveragedWeights averaged(&average);
  EXPECT_NEAR(first(model->weight), a, 1e-6);
  EXPECT_NEAR(first(model->statistic), 10 * a, 1e-5);
  EXPECT_EQ(model->counter.item<int64_t>(), 4);
}

TEST(WeightAverage, LeavesTheNetworkBitForBitAsItWasAfterTheLoan) {
  Three model;
  WeightAverage average(*model, 0.9);
  model->set(0.1);
  average.update();
  const torch::Tensor before = model->weight.detach().clone();
  {
    const AveragedWeights averaged(&average);
    EXPECT_FALSE(torch::equal(model->weight, before));
  }
  EXPECT_TRUE(torch::equal(model->weight, before));
  EXPECT_NO_THROW(AveragedWeights(nullptr));
}

TEST(WeightAverage, ContinuesBitForBitFromItsState) {
  Three straight, interrupted;
  WeightAverage whole(*straight, 0.9), before(*interrupted, 0.9);
  for (int i = 0; i < 3; ++i) {
    straight->set(0.3 * i);
    whole.update();
    interrupted->set(0.3 * i);
    before.update();
  }
  Three continued;
  WeightAverage after(*continued, 0.9);
  after.load_state(before.state());
  for (auto* pair : {&straight, &continued}) (*pair)->set(0.7);
  whole.update();
  after.update();
  for (const auto& [name, tensor] : whole.state().tensors) {
    if (name.find("num_batches") == std::string::npos) {
      EXPECT_TRUE(torch::equal(*after.state().find(name), tensor)) << name;
    }
  }
}

TEST(WeightAverage, RefusesTheStateOfAnotherNetwork) {
  Three model;
  WeightAverage average(*model, 0.9);
  NamedTensors foreign{{{"average.weight", torch::zeros({3})}, {"average_updates", torch::tensor({1}, torch::kInt64)}}, {}};
  EXPECT_THROW(average.load_state(foreign), FormatError);
}

TEST(WeightAverage, IsKeptByTheOptimizerOnRequestOnly) {
  Three model;
  OptimizerOptions options;
  EXPECT_EQ(make_optimizer(options, *model)->average(), nullptr);
  options.ema = 0.5;
  auto optimizer = make_optimizer(options, *model);
  ASSERT_NE(optimizer->average(), nullptr);
  model->weight.sum().backward();
  optimizer->step(1.0);  // 8 -> 7 - decay
  const double now = first(model->weight);
  const AveragedWeights averaged(optimizer->average());
  EXPECT_NEAR(first(model->weight), 0.1 * 8 + 0.9 * now, 1e-6);
}

}  // namespace
}  // namespace strata
