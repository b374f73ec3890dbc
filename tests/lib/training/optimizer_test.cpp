#include "training/optimizer.h"

#include "base/error.h"

#include <gtest/gtest.h>
#include <torch/optim/sgd.h>

namespace strata {
namespace {

struct TwoParametersImpl : torch::nn::Module {
  TwoParametersImpl() {
    weight = register_parameter("weight", torch::arange(6, torch::kFloat).reshape({2, 3}) / 10);
    bias = register_parameter("bias", torch::ones({3}));
  }
  torch::Tensor loss() const { return ((weight * weight).sum(0) * bias).sum(); }
  torch::Tensor weight, bias;
};
TORCH_MODULE(TwoParameters);

OptimizerOptions sgd(double momentum) {
  OptimizerOptions options;
  options.momentum = momentum;
  options.weight_decay = 5e-4;
  return options;
}

void train(TwoParameters& model, Optimizer& optimizer, int steps) {
  for (int i = 0; i < steps; ++i) {
    model->loss().backward();
    optimizer.step(0.1 / (i + 1));
  }
}

TEST(Sgd, EqualsTorchsOwnOptimizer) {
  for (double momentum : {0.0, 0.9}) {
    TwoParameters ours, theirs;
    auto optimizer = make_optimizer(sgd(momentum), *ours);
    train(ours, *optimizer, 5);
    torch::optim::SGD reference(theirs->parameters(), torch::optim::SGDOptions(0.1).momentum(momentum).weight_decay(5e-4));
    for (int i = 0; i < 5; ++i) {
      static_cast<torch::optim::SGDOptions&>(reference.param_groups()[0].options()).lr(0.1 / (i + 1));
      reference.zero_grad();
      theirs->loss().backward();
      reference.step();
    }
    EXPECT_TRUE(torch::allclose(ours->weight, theirs->weight, 1e-6, 1e-7)) << "momentum " << momentum;
    EXPECT_TRUE(torch::allclose(ours->bias, theirs->bias, 1e-6, 1e-7)) << "momentum " << momentum;
  }
}

TEST(Sgd, ContinuesBitForBitFromItsState) {
  TwoParameters straight, first, second;
  auto whole = make_optimizer(sgd(0.9), *straight);
  train(straight, *whole, 2);
  straight->loss().backward();
  whole->step(0.01);

  auto before = make_optimizer(sgd(0.9), *first);
  train(first, *before, 2);
  load_state(*second, state_of(*first));
  auto after = make_optimizer(sgd(0.9), *second);
  after->load_state(before->state());
  second->loss().backward();
  after->step(0.01);
  EXPECT_TRUE(torch::equal(straight->weight, second->weight));
  EXPECT_TRUE(torch::equal(straight->bias, second->bias));
}

TEST(Sgd, NamesItsMomentaByParameterAndHasNoneBeforeTheFirstStep) {
  TwoParameters model;
  auto optimizer = make_optimizer(sgd(0.9), *model);
  EXPECT_TRUE(optimizer->state().tensors.empty());
  train(model, *optimizer, 1);
  ASSERT_EQ(optimizer->state().tensors.size(), 2u);
  EXPECT_EQ(optimizer->state().tensors[0].first, "momentum.weight");
  EXPECT_EQ(optimizer->state().tensors[1].first, "momentum.bias");
}

TEST(Sgd, ClearsTheGradientsItUsed) {
  TwoParameters model;
  auto optimizer = make_optimizer(sgd(0.9), *model);
  train(model, *optimizer, 1);
  EXPECT_FALSE(model->weight.grad().defined());
}

TEST(Sgd, AcceptsGradientsThatLieOtherwiseInMemory) {
  TwoParameters model, same;
  auto optimizer = make_optimizer(sgd(0.9), *model), other = make_optimizer(sgd(0.9), *same);
  model->loss().backward();
  same->loss().backward();
  model->weight.mutable_grad() = model->weight.grad().t().contiguous().t();
  optimizer->step(0.1);
  other->step(0.1);
  EXPECT_TRUE(torch::equal(model->weight, same->weight));
}

TEST(Sgd, RefusesTheStateOfAnotherNetwork) {
  TwoParameters model;
  auto optimizer = make_optimizer(sgd(0.9), *model);
  NamedTensors missing{{{"momentum.weight", torch::zeros({2, 3})}}, {}};
  EXPECT_THROW(optimizer->load_state(missing), FormatError);
  NamedTensors misshapen{{{"momentum.weight", torch::zeros({3, 2})}, {"momentum.bias", torch::zeros({3})}}, {}};
  EXPECT_THROW(optimizer->load_state(misshapen), FormatError);
}

TEST(Sgd, SaysWhichParameterTheLossDoesNotReach) {
  TwoParameters model;
  auto optimizer = make_optimizer(sgd(0.9), *model);
  model->weight.sum().backward();
  try {
    optimizer->step(0.1);
    FAIL() << "a parameter without gradient was accepted";
  } catch (const InternalError& e) {
    EXPECT_NE(std::string(e.what()).find("bias"), std::string::npos);
  }
}

}  // namespace
}  // namespace strata
