#include "losses/region_maps.h"

#include "losses/masked_targets.h"

#include <vector>

namespace strata {
namespace {

torch::Tensor pooled(const torch::Tensor& maps_NCHW) {
  constexpr int64_t margin = kRegionPool / 2;
  return at::avg_pool2d(maps_NCHW, {kRegionPool, kRegionPool}, {kRegionPool, kRegionPool}, {margin, margin}).to(torch::kFloat64);
}

torch::Tensor bce_sum_by_operators(const torch::Tensor& logits_NCHW, const MaskedTargets& targets) {
  return at::binary_cross_entropy_with_logits(logits_NCHW, targets.one_hot_NCHW, targets.mask_N1HW, {}, at::Reduction::Sum);
}

// The window of every point as a vector, centred over the points: N x C x 9 x points.
torch::Tensor centred_vectors(const torch::Tensor& maps_NCHW) {
  const int64_t height = maps_NCHW.size(2) - kRegionRadius + 1, width = maps_NCHW.size(3) - kRegionRadius + 1;
  std::vector<torch::Tensor> shifts;
  for (int64_t y = 0; y < kRegionRadius; ++y) {
    for (int64_t x = 0; x < kRegionRadius; ++x) shifts.push_back(maps_NCHW.narrow(2, y, height).narrow(3, x, width).flatten(2));
  }
  const torch::Tensor vectors = torch::stack(shifts, 2);
  return vectors - vectors.mean(3, true);
}

torch::Tensor covariance(const torch::Tensor& a_NCDP, const torch::Tensor& b_NCDP) {
  return torch::matmul(a_NCDP, b_NCDP.transpose(2, 3));
}

}  // namespace

RegionMaps region_maps_by_operators(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW) {
  const MaskedTargets targets = masked_targets(labels_NHW, logits_NCHW);
  return {bce_sum_by_operators(logits_NCHW, targets), pooled(targets.one_hot_NCHW),
          pooled(logits_NCHW.sigmoid() * targets.mask_N1HW + kProbabilityFloor)};
}

RegionCovariances region_covariances_by_operators(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw) {
  const torch::Tensor labels = centred_vectors(labels_NChw), predictions = centred_vectors(probabilities_NChw);
  return {covariance(labels, labels), covariance(labels, predictions), covariance(predictions, predictions)};
}

RegionMaps region_maps(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW) {
  return logits_NCHW.is_cpu() ? region_maps_on_cpu(logits_NCHW, labels_NHW) : region_maps_by_operators(logits_NCHW, labels_NHW);
}

torch::Tensor binary_cross_entropy_sum(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW) {
  if (logits_NCHW.is_cpu()) return binary_cross_entropy_sum_on_cpu(logits_NCHW, labels_NHW);
  return bce_sum_by_operators(logits_NCHW, masked_targets(labels_NHW, logits_NCHW));
}

RegionCovariances region_covariances(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw) {
  return labels_NChw.is_cpu() ? region_covariances_on_cpu(labels_NChw, probabilities_NChw)
                              : region_covariances_by_operators(labels_NChw, probabilities_NChw);
}

}  // namespace strata
