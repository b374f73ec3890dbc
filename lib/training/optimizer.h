#pragma once
// Stochastic gradient descent as the reference runs it, with its state by parameter name.

#include "models/safetensors.h"

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

namespace strata {

struct OptimizerOptions {
  enum class Name { kSgd } name = Name::kSgd;
  double lr = 0.01;            // base rate of the schedule
  double momentum = 0.9;       // without Nesterov, without dampening
  double weight_decay = 1e-4;  // added to the gradient, of norms and biases too (reference.md 0, fact 9)
};

// Before a parameter's name, for its momentum.
inline constexpr char kMomentumPrefix[] = "momentum.";

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Uses and clears the gradients.
  virtual void step(double lr) = 0;
  virtual void zero_grad() = 0;
  // Momenta as "momentum.<parameter name>"; empty before the first step.
  virtual NamedTensors state() const = 0;
  virtual void load_state(const NamedTensors& state) = 0;  // FormatError on any mismatch
};

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const torch::nn::Module& model);

}  // namespace strata
