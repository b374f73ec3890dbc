#include "base/error.h"
#include "models/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace strata {

namespace {

void collect(const torch::nn::Module& module, const std::string& prefix, NamedTensors& state) {
  for (const auto& item : module.named_parameters(false)) state.tensors.emplace_back(prefix + item.key(), item.value().detach());
  for (const auto& item : module.named_buffers(false)) state.tensors.emplace_back(prefix + item.key(), item.value().detach());
  for (const auto& child : module.named_children()) collect(*child.value(), prefix + child.key() + ".", state);
}

// "3 missing: a, b, c; " or nothing.
std::string listed(const std::vector<std::string>& names, const char* what) {
  constexpr size_t kShown = 5;
  if (names.empty()) return "";
  const std::vector<std::string> shown(names.begin(), names.begin() + static_cast<long>(std::min(kShown, names.size())));
  return fmt::format("; {} {}: {}{}", names.size(), what, fmt::join(shown, ", "), names.size() > kShown ? ", ..." : "");
}

std::string shape_text(const torch::Tensor& tensor) { return fmt::format("{}", fmt::join(tensor.sizes(), "x")); }

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

void load_state(torch::nn::Module& module, const NamedTensors& state) {
  std::map<std::string, torch::Tensor> given(state.tensors.begin(), state.tensors.end());
  const NamedTensors own = state_of(module);
  std::vector<std::string> missing, mismatched, surplus;
  for (const auto& [name, tensor] : own.tensors) {
    const auto found = given.find(name);
    if (found == given.end()) {
      missing.push_back(name);
    } else if (found->second.sizes() != tensor.sizes()) {
      mismatched.push_back(fmt::format("{} (network {}, weights {})", name, shape_text(tensor), shape_text(found->second)));
    }
  }
  std::set<std::string> wanted;
  for (const auto& [name, tensor] : own.tensors) wanted.insert(name);
  for (const auto& [name, tensor] : state.tensors) {
    if (!wanted.contains(name)) surplus.push_back(name);
  }
  const std::string faults =
      listed(missing, "missing") + listed(mismatched, "of another shape") + listed(surplus, "unknown to the network");
  if (!faults.empty()) {
    throw FormatError("the weights do not fit this network, and a network loaded in part would predict nonsense" + faults +
                      "; give the options that the weights were trained with");
  }
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : own.tensors) torch::Tensor(tensor).copy_(given.at(name));
}

}  // namespace strata
