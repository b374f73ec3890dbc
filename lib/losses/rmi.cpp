#include "losses/binary_cross_entropy.h"
#include "losses/guarded_cholesky.h"
#include "losses/loss.h"
#include "losses/region_maps.h"

namespace strata {

// Letters as in Zhao et al. 2019: Y the labels' and P the predictions' vectors of kRadius^2 neighbouring pixels, Sigma their
// covariances over the image (not divided by the number of points), M the covariance of Y that P does not explain. RMI's lower
// bound is log det M / 2.
namespace {

constexpr double kLambda = 0.5;  // weight of the pixel-wise part
constexpr double kDimensions = kRegionRadius * kRegionRadius;
constexpr double kLogFloor = 1e-8;

struct LowerBounds {
  torch::Tensor values_NC;   // log det(Sigma_Y - Sigma_YP Sigma_P^-1 Sigma_YP^T) / 2; 0 where missing
  torch::Tensor retried_NC;  // undefined where nothing was
  torch::Tensor missing_NC;  // could not be computed; undefined where all could
};

LowerBounds lower_bounds(const RegionCovariances& sigma, double alpha) {
  const GuardedFactor prediction = guarded_cholesky(sigma.predictions, alpha);
  const torch::Tensor half_NCDD = at::linalg_solve_triangular(prediction.lower_NCDD, sigma.cross.transpose(2, 3), false);
  const GuardedFactor unexplained =
      guarded_cholesky(sigma.labels - torch::matmul(half_NCDD.transpose(2, 3), half_NCDD), alpha);  // of M
  LowerBounds bounds;
  bounds.values_NC = (unexplained.lower_NCDD.diagonal(0, 2, 3) + kLogFloor).log().sum(2);
  if (prediction.all_at_once && unexplained.all_at_once) return bounds;
  bounds.retried_NC = prediction.retried_NC.logical_or(unexplained.retried_NC);
  bounds.missing_NC = prediction.failed_NC.logical_or(unexplained.failed_NC);
  bounds.values_NC = bounds.values_NC.masked_fill(bounds.missing_NC, 0);
  return bounds;
}

}  // namespace

LossTerms RmiLoss::terms(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, num_classes_);
  const RegionMaps maps = region_maps(logits_NCHW, labels_NHW);
  const LowerBounds bounds = lower_bounds(region_covariances(maps.labels_NChw, maps.probabilities_NChw), alpha_);
  const torch::Tensor mean_C = bounds.values_NC.sum(0) / static_cast<double>(scope.samples);
  torch::Tensor region = (mean_C.to(torch::kFloat32) / kDimensions).sum();
  if (bounds.missing_NC.defined()) {
    singular_.note(bounds.retried_NC.sum().item<int64_t>(), bounds.missing_NC.sum().item<int64_t>());
    const MaskedTargets targets = masked_targets(labels_NHW, logits_NCHW);
    region = region + binary_cross_entropy_shares(logits_NCHW, targets, scope).masked_select(bounds.missing_NC).sum();
  }
  return {{"bce", kLambda * maps.bce_sum / (static_cast<double>(scope.valid_pixels) + 1.0)}, {"rmi", (1 - kLambda) * region}};
}

torch::Tensor RmiLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  const LossTerms both = terms(logits_NCHW, labels_NHW, scope);
  return both[0].second + both[1].second;
}

}  // namespace strata
