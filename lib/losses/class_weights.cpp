#include "losses/class_weights.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {

torch::Tensor class_weight_tensor(const std::vector<double>& weights, const torch::Tensor& logits_NCHW) {
  if (weights.empty()) return {};
  if (static_cast<int64_t>(weights.size()) != logits_NCHW.size(1)) {
    throw InternalError(fmt::format("{} class weights for logits of {} classes", weights.size(), logits_NCHW.size(1)));
  }
  return torch::tensor(weights, torch::kFloat64).to(logits_NCHW.device(), logits_NCHW.scalar_type());
}

double total_weight(const std::vector<double>& weights, const std::vector<int64_t>& class_pixels) {
  if (weights.size() != class_pixels.size()) {
    throw InternalError(
        fmt::format("{} class weights, but pixels of {} classes were counted", weights.size(), class_pixels.size()));
  }
  double total = 0;
  for (size_t c = 0; c < weights.size(); ++c) total += weights[c] * static_cast<double>(class_pixels[c]);
  return total;
}

}  // namespace strata
