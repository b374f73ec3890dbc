#include "training/optimizer.h"

#include "base/error.h"
#include "training/stateful_optimizer.h"
#include "training/weight_average.h"

namespace strata {
namespace {

std::unique_ptr<Optimizer> make_named(const OptimizerOptions& options, const torch::nn::Module& model) {
  switch (options.name) {
    case OptimizerOptions::Name::kSgd:
      return make_sgd(options, model);
    case OptimizerOptions::Name::kAdam:
      return make_adam(options, model);
    case OptimizerOptions::Name::kRadam:
      return make_radam(options, model);
  }
  throw InternalError("an optimizer without a class");
}

// Another optimiser that keeps the average of the weights it makes.
class AveragingOptimizer : public Optimizer {
 public:
  AveragingOptimizer(std::unique_ptr<Optimizer> inner, const torch::nn::Module& model, double decay)
      : inner_(std::move(inner)), average_(model, decay) {}

  void step(double lr) override {
    inner_->step(lr);
    average_.update();
  }
  void zero_grad() override { inner_->zero_grad(); }
  WeightAverage* average() override { return &average_; }

  NamedTensors state() const override {
    NamedTensors state = inner_->state();
    for (auto& entry : average_.state().tensors) state.tensors.push_back(std::move(entry));
    return state;
  }

  void load_state(const NamedTensors& state) override {
    NamedTensors inner, average;
    for (const auto& [name, tensor] : state.tensors) {
      (WeightAverage::is_part_of_state(name) ? average : inner).tensors.emplace_back(name, tensor);
    }
    if (inner.tensors.empty() != average.tensors.empty()) {
      throw FormatError("the optimizer state holds no average of weights: it was written without [optimizer] ema");
    }
    inner_->load_state(inner);
    average_.load_state(average);
  }

 private:
  std::unique_ptr<Optimizer> inner_;
  WeightAverage average_;
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const torch::nn::Module& model) {
  std::unique_ptr<Optimizer> optimizer = make_named(options, model);
  if (options.ema == 0) return optimizer;
  return std::make_unique<AveragingOptimizer>(std::move(optimizer), model, options.ema);
}

int state_copies(const OptimizerOptions& options) {
  using Name = OptimizerOptions::Name;
  const int own = options.name == Name::kSgd ? 1 : options.name == Name::kAdam && options.amsgrad ? 3 : 2;
  return own + (options.ema > 0 ? 1 : 0);
}

}  // namespace strata
