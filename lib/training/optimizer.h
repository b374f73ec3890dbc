#pragma once
// Optimisers as the reference runs them, with their state by parameter name.

#include "models/safetensors.h"

#include <torch/nn/module.h>

#include <memory>

namespace strata {

class WeightAverage;

struct OptimizerOptions {
  enum class Name { kSgd, kAdam, kRadam } name = Name::kSgd;
  double lr = 0.01;                    // base rate of the schedule
  double momentum = 0.9;               // of sgd; without Nesterov, without dampening
  double weight_decay = 1e-4;          // sgd, adam: added to the gradient; radam: decoupled. Larger: weights nearer to 0
  bool decay_norms_and_biases = true;  // false: 1-d parameters do not decay. The reference decays all (reference.md 0, fact 9)
  double beta1 = 0.9;                  // adam, radam: memory of the mean gradient; larger: smoother, slower
  double beta2 = 0.999;                // adam, radam: memory of the mean square; larger: steadier step sizes
  double eps = 1e-8;     // adam, radam: added to the root of the mean square; larger: smaller steps where it is small
  bool amsgrad = false;  // adam: divide by the largest mean square so far (Reddi et al. 2018)
  double clip_norm = 0;  // the gradient's L2 norm over all parameters is cut to this; smaller: tamer steps; 0: off
  double ema = 0;        // decay of the running average of weights (training/weight_average.h); 0: none
};

// Before a parameter's name, for its momentum.
inline constexpr char kMomentumPrefix[] = "momentum.";

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Uses and clears the gradients.
  virtual void step(double lr) = 0;
  virtual void zero_grad() = 0;
  // All that a continuation needs: "momentum.<parameter name>" and the like, counts of steps. Empty before the first step.
  virtual NamedTensors state() const = 0;
  virtual void load_state(const NamedTensors& state) = 0;  // FormatError on any mismatch
  // Moves with each step; null where none is kept.
  virtual WeightAverage* average() { return nullptr; }
};

// Clipping is the step's matter (training/train_step.h).
//   sgd    g <- grad + wd w;  v <- momentum v + g (first step: v <- g);  w <- w - lr v
//   adam   Kingma and Ba 2015 with g as for sgd
//   radam  Liu et al. 2020 as the reference has it: decoupled decay w <- w - lr wd w; where the variance of the adaptive rate
//   cannot
//          be told (length of the approximated average below 5) a step along the mean gradient, not divided by its root mean
//          square
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const torch::nn::Module& model);

// How many times the size of the weights state() has.
int state_copies(const OptimizerOptions& options);

}  // namespace strata
