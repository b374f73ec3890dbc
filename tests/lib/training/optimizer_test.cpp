#include "training/optimizer.h"

#include "base/error.h"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <cmath>

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

NamedTensors copy_of(NamedTensors state) {
  for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
  return state;
}

void expect_same_bits(const NamedTensors& found, const NamedTensors& expected) {
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (const auto& [name, tensor] : expected.tensors) EXPECT_TRUE(torch::equal(*found.find(name), tensor)) << name;
}

// Steps far enough for RAdam to leave its first phase, cut after `first` and continued by others.
void expect_continuation_bit_for_bit(const OptimizerOptions& options, int first) {
  TwoParameters straight, interrupted, continued;
  const auto steps = [](TwoParameters& model, Optimizer& optimizer, int from, int to) {
    for (int i = from; i < to; ++i) {
      model->loss().backward();
      optimizer.step(0.01 / (i + 1));
    }
  };
  auto whole = make_optimizer(options, *straight);
  steps(straight, *whole, 0, 9);

  auto before = make_optimizer(options, *interrupted);
  steps(interrupted, *before, 0, first);
  const NamedTensors weights = copy_of(state_of(*interrupted)), state = copy_of(before->state());
  load_state(*continued, weights);
  auto after = make_optimizer(options, *continued);
  after->load_state(state);
  steps(continued, *after, first, 9);
  expect_same_bits(state_of(*continued), state_of(*straight));
  expect_same_bits(after->state(), whole->state());
}

TEST(EveryOptimizer, ContinuesBitForBitFromItsState) {
  using Name = OptimizerOptions::Name;
  for (const Name name : {Name::kSgd, Name::kAdam, Name::kRadam}) {
    for (const bool decay_all : {true, false}) {
      for (const double ema : {0.0, 0.9}) {
        OptimizerOptions options = sgd(0.9);
        options.name = name;
        options.decay_norms_and_biases = decay_all;
        options.ema = ema;
        options.amsgrad = name == Name::kAdam && decay_all;
        for (int first : {0, 1, 4, 7}) expect_continuation_bit_for_bit(options, first);
      }
    }
  }
}

TEST(EveryOptimizer, RefusesTheStateOfAnother) {
  using Name = OptimizerOptions::Name;
  OptimizerOptions options = sgd(0.9);
  std::vector<OptimizerOptions> all;
  for (const Name name : {Name::kSgd, Name::kAdam}) {
    for (const double ema : {0.0, 0.9}) {
      options.name = name;
      options.ema = ema;
      all.push_back(options);
    }
  }
  options.amsgrad = true;
  all.push_back(options);
  TwoParameters model;
  for (size_t i = 0; i < all.size(); ++i) {
    auto optimizer = make_optimizer(all[i], *model);
    train(model, *optimizer, 1);
    for (size_t k = 0; k < all.size(); ++k) {
      if (k == i) continue;
      EXPECT_THROW(make_optimizer(all[k], *model)->load_state(optimizer->state()), FormatError) << i << " into " << k;
    }
  }
}

TEST(EveryOptimizer, DecaysNormsAndBiasesUnlessToldNotTo) {
  for (const auto name : {OptimizerOptions::Name::kSgd, OptimizerOptions::Name::kAdam, OptimizerOptions::Name::kRadam}) {
    const auto after_a_step = [name](double decay, bool all) {
      TwoParameters model;
      OptimizerOptions options = sgd(0.9);
      options.name = name;
      options.weight_decay = decay;
      options.decay_norms_and_biases = all;
      options.eps = 1;  // so that Adam's first step depends on the gradient's size
      train(model, *make_optimizer(options, *model), 1);
      return std::pair(model->weight.detach().clone(), model->bias.detach().clone());
    };
    const auto none = after_a_step(0, true), all = after_a_step(0.5, true), some = after_a_step(0.5, false);
    EXPECT_TRUE(torch::equal(some.first, all.first));
    EXPECT_FALSE(torch::equal(all.first, none.first));
    EXPECT_TRUE(torch::equal(some.second, none.second));
    EXPECT_FALSE(torch::equal(all.second, none.second));
  }
}

TEST(Adam, EqualsTorchsOwnOptimizer) {
  for (const bool amsgrad : {false, true}) {
    TwoParameters ours, theirs;
    OptimizerOptions options = sgd(0);
    options.name = OptimizerOptions::Name::kAdam;
    options.amsgrad = amsgrad;
    options.beta1 = 0.8;
    options.beta2 = 0.9;  // short, so that the largest mean square is not the last one
    auto optimizer = make_optimizer(options, *ours);
    train(ours, *optimizer, 12);
    torch::optim::Adam reference(theirs->parameters(),
                                 torch::optim::AdamOptions(0.1).betas({0.8, 0.9}).weight_decay(5e-4).amsgrad(amsgrad));
    for (int i = 0; i < 12; ++i) {
      static_cast<torch::optim::AdamOptions&>(reference.param_groups()[0].options()).lr(0.1 / (i + 1));
      reference.zero_grad();
      theirs->loss().backward();
      reference.step();
    }
    EXPECT_TRUE(torch::allclose(ours->weight, theirs->weight, 1e-5, 1e-6)) << "amsgrad " << amsgrad;
    EXPECT_TRUE(torch::allclose(ours->bias, theirs->bias, 1e-5, 1e-6)) << "amsgrad " << amsgrad;
  }
}

// One weight with the gradient 1 + step / 2; letters as in the paper.
TEST(Radam, IsThePapersFormulaForASingleWeight) {
  struct OneImpl : torch::nn::Module {
    OneImpl() { w = register_parameter("w", torch::full({1}, 0.5, torch::kFloat64)); }
    torch::Tensor w;
  };
  auto model = std::make_shared<OneImpl>();
  OptimizerOptions options;
  options.name = OptimizerOptions::Name::kRadam;
  options.weight_decay = 0.1;
  auto optimizer = make_optimizer(options, *model);
  double w = 0.5, m = 0, v = 0;
  int adapted = 0;
  for (int t = 1; t <= 9; ++t) {
    const double g = 1 + t / 2.0, lr = 0.02;
    model->w.mutable_grad() = torch::full({1}, g, torch::kFloat64);
    optimizer->step(lr);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const double m_hat = m / (1 - std::pow(0.9, t)), rho_inf = 2 / (1 - 0.999) - 1;
    const double rho = rho_inf - 2 * t * std::pow(0.999, t) / (1 - std::pow(0.999, t));
    w -= lr * 0.1 * w;
    if (rho >= 5) {
      const double r = std::sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho));
      w -= lr * m_hat * r * std::sqrt(1 - std::pow(0.999, t)) / (std::sqrt(v) + 1e-8);
      ++adapted;
    } else {
      w -= lr * m_hat;
    }
    EXPECT_NEAR(model->w.item<double>(), w, 1e-12) << "step " << t;
  }
  EXPECT_EQ(adapted, 4);  // from step 6 on
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
