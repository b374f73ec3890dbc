#include "training/weight_average.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr const char* kPrefix = "average.";
constexpr const char* kUpdatesKey = "average_updates";

}  // namespace

WeightAverage::WeightAverage(const torch::nn::Module& model, double decay) : decay_(decay) {
  for (const auto& [name, tensor] : strata::state_of(model).tensors) {
    names_.push_back(name);
    values_.push_back(tensor.detach());
    averages_.push_back(tensor.detach().clone());
  }
}

void WeightAverage::update() {
  const auto n = static_cast<double>(updates_);
  const double d = std::min(decay_, (1 + n) / (10 + n));
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < values_.size(); ++i) {
    values_[i].is_floating_point() ? averages_[i].lerp_(values_[i], 1 - d) : averages_[i].copy_(values_[i]);
  }
  ++updates_;
}

void WeightAverage::exchange() {
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < values_.size(); ++i) {
    const torch::Tensor value = values_[i].clone();
    values_[i].copy_(averages_[i]);
    averages_[i].copy_(value);
  }
}

NamedTensors WeightAverage::state() const {
  NamedTensors state;
  if (updates_ == 0) return state;
  for (size_t i = 0; i < names_.size(); ++i) state.tensors.emplace_back(kPrefix + names_[i], averages_[i]);
  state.tensors.emplace_back(kUpdatesKey, torch::tensor({updates_}, torch::kInt64));
  return state;
}

bool WeightAverage::is_part_of_state(const std::string& name) { return name.starts_with(kPrefix) || name == kUpdatesKey; }

void WeightAverage::load_state(const NamedTensors& state) {
  torch::NoGradGuard no_grad;
  if (state.tensors.empty()) {
    updates_ = 0;
    for (size_t i = 0; i < values_.size(); ++i) averages_[i].copy_(values_[i]);
    return;
  }
  const auto saved = [&](const std::string& name, at::IntArrayRef sizes) -> const torch::Tensor& {
    const torch::Tensor* found = state.find(name);
    if (found && found->sizes() == sizes) return *found;
    throw FormatError(fmt::format("the average of weights {} '{}': it belongs to another network",
                                  found ? "holds another shape for" : "lacks", name));
  };
  for (size_t i = 0; i < names_.size(); ++i) saved(kPrefix + names_[i], values_[i].sizes());
  updates_ = saved(kUpdatesKey, {1}).item<int64_t>();
  for (size_t i = 0; i < names_.size(); ++i) averages_[i].copy_(saved(kPrefix + names_[i], values_[i].sizes()));
}

}  // namespace strata
