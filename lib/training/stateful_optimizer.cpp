#include "training/stateful_optimizer.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {
namespace {

constexpr const char* kStepsKey = "steps";

// Weights and offsets of norms, and biases.
bool is_norm_or_bias(const torch::Tensor& parameter) { return parameter.dim() <= 1; }

}  // namespace

StatefulOptimizer::StatefulOptimizer(const OptimizerOptions& options, const torch::nn::Module& model,
                                     std::vector<std::string> slot_names, CountsSteps counts)
    : options_(options), slot_names_(std::move(slot_names)), counts_(counts), groups_{{options.weight_decay}, {0.0}} {
  for (const auto& entry : model.named_parameters()) {
    const bool decays = options.decay_norms_and_biases || !is_norm_or_bias(entry.value());
    Group& group = groups_[decays ? 0 : 1];
    group.names.push_back(entry.key());
    group.parameters.push_back(entry.value());
  }
  std::erase_if(groups_, [](const Group& group) { return group.parameters.empty(); });
}

void StatefulOptimizer::step(double lr) {
  std::vector<std::vector<torch::Tensor>> gradients;
  for (const Group& group : groups_) gradients.push_back(take_gradients(group));
  zero_grad();
  torch::NoGradGuard no_grad;
  if (steps_ == 0) allocate_slots();
  ++steps_;
  for (size_t g = 0; g < groups_.size(); ++g) update(groups_[g], gradients[g], lr);
}

void StatefulOptimizer::zero_grad() {
  for (Group& group : groups_) {
    for (torch::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
  }
}

NamedTensors StatefulOptimizer::state() const {
  NamedTensors state;
  if (steps_ == 0) return state;
  for (const Group& group : groups_) {
    for (size_t slot = 0; slot < slot_names_.size(); ++slot) {
      for (size_t i = 0; i < group.names.size(); ++i) state.tensors.emplace_back(key(slot, group.names[i]), group.slots[slot][i]);
    }
  }
  if (counts_ == CountsSteps::kYes) state.tensors.emplace_back(kStepsKey, torch::tensor({steps_}, torch::kInt64));
  return state;
}

void StatefulOptimizer::load_state(const NamedTensors& state) {
  if (state.tensors.empty()) {
    steps_ = 0;
    return;
  }
  size_t expected = counts_ == CountsSteps::kYes ? 1 : 0;
  for (const Group& group : groups_) expected += group.parameters.size() * slot_names_.size();
  if (state.tensors.size() != expected) {
    throw FormatError(
        fmt::format("the optimizer state holds {} tensors, {} belong to this network and optimizer: it is of others",
                    state.tensors.size(), expected));
  }
  for (const Group& group : groups_) {  // all of them before anything is changed
    for (size_t slot = 0; slot < slot_names_.size(); ++slot) {
      for (size_t i = 0; i < group.names.size(); ++i) saved_slot(state, slot, group, i);
    }
  }
  steps_ = saved_steps(state);
  torch::NoGradGuard no_grad;
  allocate_slots();
  for (Group& group : groups_) {
    for (size_t slot = 0; slot < slot_names_.size(); ++slot) {
      for (size_t i = 0; i < group.names.size(); ++i) group.slots[slot][i].copy_(saved_slot(state, slot, group, i));
    }
  }
}

void StatefulOptimizer::allocate_slots() {
  for (Group& group : groups_) {
    group.slots.assign(slot_names_.size(), {});
    for (auto& slot : group.slots) {
      for (const torch::Tensor& parameter : group.parameters) slot.push_back(torch::zeros_like(parameter));
    }
  }
}

std::vector<torch::Tensor> StatefulOptimizer::flat(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> views;
  for (const torch::Tensor& tensor : tensors) {
    if (!tensor.is_non_overlapping_and_dense()) throw InternalError("a tensor with gaps has no flat view");
    views.push_back(tensor.as_strided({tensor.numel()}, {1}));
  }
  return views;
}

// The fused kernels walk memory, so a gradient must lie as its parameter does.
std::vector<torch::Tensor> StatefulOptimizer::take_gradients(const Group& group) const {
  std::vector<torch::Tensor> gradients;
  for (size_t i = 0; i < group.parameters.size(); ++i) {
    torch::Tensor gradient = group.parameters[i].grad();
    if (!gradient.defined()) throw InternalError("no gradient for parameter " + group.names[i] + ": the loss does not reach it");
    if (gradient.strides() != group.parameters[i].strides()) gradient = torch::empty_like(group.parameters[i]).copy_(gradient);
    gradients.push_back(gradient);
  }
  return gradients;
}

const torch::Tensor& StatefulOptimizer::saved_slot(const NamedTensors& state, size_t slot, const Group& group, size_t i) const {
  const torch::Tensor* found = state.find(key(slot, group.names[i]));
  if (!found || found->sizes() != group.parameters[i].sizes()) {
    throw FormatError(fmt::format("the optimizer state {} '{}': it belongs to another network or optimizer",
                                  found ? "holds another shape for" : "lacks", key(slot, group.names[i])));
  }
  return *found;
}

int64_t StatefulOptimizer::saved_steps(const NamedTensors& state) const {
  if (counts_ == CountsSteps::kNo) return 1;
  const torch::Tensor* found = state.find(kStepsKey);
  if (!found || found->numel() != 1 || found->scalar_type() != torch::kInt64 || found->item<int64_t>() < 1) {
    throw FormatError("the optimizer state does not tell how many steps were taken: it belongs to another optimizer");
  }
  return found->item<int64_t>();
}

}  // namespace strata
