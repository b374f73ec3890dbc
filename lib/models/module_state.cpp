#include "models/safetensors.h"

namespace strata {

namespace {

void collect(const torch::nn::Module& module, const std::string& prefix, NamedTensors& state) {
  for (const auto& item : module.named_parameters(false)) state.tensors.emplace_back(prefix + item.key(), item.value().detach());
  for (const auto& item : module.named_buffers(false)) state.tensors.emplace_back(prefix + item.key(), item.value().detach());
  for (const auto& child : module.named_children()) collect(*child.value(), prefix + child.key() + ".", state);
}

}  // namespace

const torch::Tensor* NamedTensors::find(const std::string& name) const {
  for (const auto& [its_name, tensor] : tensors) {
    if (its_name == name) return &tensor;
  }
  return nullptr;
}

NamedTensors state_of(const torch::nn::Module& module) {
  NamedTensors state;
  collect(module, "", state);
  return state;
}

}  // namespace strata
