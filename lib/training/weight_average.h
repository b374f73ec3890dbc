#pragma once
// A running average of a network's weights, which validates better than the last of them.

#include "models/safetensors.h"

#include <torch/nn/module.h>

#include <cstdint>
#include <vector>

namespace strata {

// a <- d a + (1 - d) w after each step, with d = min(decay, (1 + n) / (10 + n)) in update n = 0, 1, ...: the initial weights are
// forgotten soon. Running statistics of norms are averaged alike; counters are copied. Local, the same on every rank.
class WeightAverage {
 public:
  // Begins with the network as it is. Parameters and buffers are shared with the network, which must keep them.
  WeightAverage(const torch::nn::Module& model, double decay);

  void update();
  // The network gets the averages and this object what the network had; once more takes it back, bit for bit.
  void exchange();

  // "average.<name>" of every parameter and buffer, and the number of updates; empty before the first.
  NamedTensors state() const;
  // FormatError on any mismatch. An empty state begins anew with the network as it is.
  void load_state(const NamedTensors& state);
  static bool is_part_of_state(const std::string& name);

 private:
  std::vector<std::string> names_;
  std::vector<torch::Tensor> values_, averages_;
  double decay_;
  int64_t updates_ = 0;
};

// While it lives the network has the averages. Null: nothing happens.
class AveragedWeights {
 public:
  explicit AveragedWeights(WeightAverage* average) : average_(average) {
    if (average_) average_->exchange();
  }
  ~AveragedWeights() {
    if (average_) average_->exchange();
  }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  WeightAverage* average_;
};

}  // namespace strata
