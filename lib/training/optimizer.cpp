#include "training/optimizer.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {
namespace {

// One pass over each parameter reads weight, gradient and momentum and writes weight and momentum:
//   g <- grad + weight_decay w;  v <- momentum v + g (first step: v <- g);  w <- w - lr v
class Sgd : public Optimizer {
 public:
  Sgd(const OptimizerOptions& options, const torch::nn::Module& model) : options_(options) {
    for (const auto& parameter : model.named_parameters()) {
      names_.push_back(parameter.key());
      parameters_.push_back(parameter.value());
    }
  }

  void step(double lr) override {
    const bool first = momenta_.empty();
    if (first) allocate_momenta();
    const std::vector<torch::Tensor> gradients = take_gradients();
    torch::NoGradGuard no_grad;
    const std::vector<torch::Tensor> no_momenta;
    at::_fused_sgd_(parameters_, gradients, options_.momentum == 0 ? no_momenta : momenta_, options_.weight_decay,
                    options_.momentum, lr, /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false, first);
  }

  void zero_grad() override {
    for (torch::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
  }

  NamedTensors state() const override {
    NamedTensors state;
    for (size_t i = 0; i < momenta_.size(); ++i) state.tensors.emplace_back(kMomentumPrefix + names_[i], momenta_[i]);
    return state;
  }

  void load_state(const NamedTensors& state) override {
    if (state.tensors.empty()) {
      momenta_.clear();
      return;
    }
    if (state.tensors.size() != parameters_.size()) {
      throw FormatError(
          fmt::format("the optimizer state holds {} tensors, the network has {} parameters: it belongs to another network",
                      state.tensors.size(), parameters_.size()));
    }
    std::vector<const torch::Tensor*> sources;
    for (size_t i = 0; i < parameters_.size(); ++i) sources.push_back(&momentum_of(state, i));
    torch::NoGradGuard no_grad;
    allocate_momenta();
    for (size_t i = 0; i < parameters_.size(); ++i) momenta_[i].copy_(*sources[i]);
  }

 private:
  void allocate_momenta() {
    momenta_.clear();
    for (const torch::Tensor& parameter : parameters_) momenta_.push_back(torch::zeros_like(parameter));
  }

  // The fused kernel walks memory, so a gradient must lie as its parameter does.
  std::vector<torch::Tensor> take_gradients() {
    std::vector<torch::Tensor> gradients;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      torch::Tensor gradient = parameters_[i].grad();
      if (!gradient.defined()) throw InternalError("no gradient for parameter " + names_[i] + ": the loss does not reach it");
      if (gradient.strides() != parameters_[i].strides()) gradient = torch::empty_like(parameters_[i]).copy_(gradient);
      gradients.push_back(gradient);
    }
    zero_grad();
    return gradients;
  }

  const torch::Tensor& momentum_of(const NamedTensors& state, size_t i) const {
    const torch::Tensor* found = state.find(kMomentumPrefix + names_[i]);
    if (!found || found->sizes() != parameters_[i].sizes()) {
      throw FormatError(fmt::format("the optimizer state {} '{}{}': it belongs to another network",
                                    found ? "holds another shape for" : "lacks", kMomentumPrefix, names_[i]));
    }
    return *found;
  }

  OptimizerOptions options_;
  std::vector<std::string> names_;
  std::vector<torch::Tensor> parameters_;
  std::vector<torch::Tensor> momenta_;  // empty before the first step
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const torch::nn::Module& model) {
  return std::make_unique<Sgd>(options, model);
}

}  // namespace strata
