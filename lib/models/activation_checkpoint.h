#pragma once
// Activation checkpointing (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): memory for time.

#include <torch/nn/module.h>

#include <functional>
#include <vector>

namespace strata {

// What a stage of a network leaves behind for its backward pass.
enum class Activations {
  kKept,       // all that it computed
  kRecomputed  // its inputs alone; the rest is computed once more when it is needed
};

// What holds for stages run on this thread while it lives.
class ActivationScope {
 public:
  explicit ActivationScope(Activations activations);
  ~ActivationScope();
  ActivationScope(const ActivationScope&) = delete;
  ActivationScope& operator=(const ActivationScope&) = delete;

 private:
  Activations before_;
};

using TensorList = std::vector<torch::Tensor>;

// `compute(inputs)`, with what the scope says kept or recomputed; nothing is kept without gradients.
//
// `compute` uses the parameters and buffers of `owner` and of no other module, is a pure function of them and its inputs (dropout
// by key is), does not write to its inputs, and holds copies of whatever else it reads, as it runs again after the caller has
// returned. `owner` must outlive the graph.
//
// The second run is that of the first to the bit, under the autocast of the first; buffers (running statistics) are as after the
// first when it is done. Collective calls within are repeated, in the order of the graph, which is the same on every rank. Each
// parameter's gradient is handed on once, by the outer graph, as a GradientReducer needs it.
TensorList checkpointed(torch::nn::Module& owner, TensorList inputs, std::function<TensorList(TensorList)> compute);

// The same for a module from one tensor to one, or for `compute` from one to one.
torch::Tensor checkpointed(torch::nn::Module& owner, const torch::Tensor& input,
                           std::function<torch::Tensor(const torch::Tensor&)> compute);
template <typename Holder>
torch::Tensor checkpointed(Holder& module, const torch::Tensor& input) {
  return checkpointed(*module, input, [&implementation = *module](const torch::Tensor& x) { return implementation.forward(x); });
}

}  // namespace strata
