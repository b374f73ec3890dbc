#include "losses/binary_cross_entropy.h"
#include "losses/guarded_cholesky.h"
#include "losses/loss.h"

namespace strata {

// Letters as in Zhao et al. 2019: Y the labels' and P the predictions' vectors of kRadius^2 neighbouring pixels, Sigma their
// covariances over the image (not divided by the number of points), M the covariance of Y that P does not explain. RMI's lower
// bound is log det M / 2.
namespace {

constexpr double kLambda = 0.5;  // weight of the pixel-wise part
constexpr int64_t kPool = 4;     // maps are averaged over 4x4 pixels first
constexpr int64_t kRadius = 3;   // side of the neighbourhood
constexpr int64_t kDimensions = kRadius * kRadius;
constexpr double kProbabilityFloor = 1e-6;
constexpr double kLogFloor = 1e-8;

torch::Tensor pooled(const torch::Tensor& maps_NCHW) {
  return at::avg_pool2d(maps_NCHW, {kPool, kPool}, {kPool, kPool}, {kPool / 2, kPool / 2});
}

// The neighbourhood of every point as a vector, centred over the points, in double: N x C x 9 x points.
torch::Tensor centred_vectors(const torch::Tensor& maps_NCHW) {
  const int64_t height = maps_NCHW.size(2) - kRadius + 1, width = maps_NCHW.size(3) - kRadius + 1;
  std::vector<torch::Tensor> shifts;
  for (int64_t y = 0; y < kRadius; ++y) {
    for (int64_t x = 0; x < kRadius; ++x) shifts.push_back(maps_NCHW.narrow(2, y, height).narrow(3, x, width).flatten(2));
  }
  const torch::Tensor vectors = torch::stack(shifts, 2).to(torch::kFloat64);
  return vectors - vectors.mean(3, true);
}

torch::Tensor covariance(const torch::Tensor& a_NCDP, const torch::Tensor& b_NCDP) {
  return torch::matmul(a_NCDP, b_NCDP.transpose(2, 3));
}

struct LowerBounds {
  torch::Tensor values_NC;   // log det(Sigma_Y - Sigma_YP Sigma_P^-1 Sigma_YP^T) / 2; 0 where missing
  torch::Tensor retried_NC;  // undefined where nothing was
  torch::Tensor missing_NC;  // could not be computed; undefined where all could
};

LowerBounds lower_bounds(const torch::Tensor& labels_NCDP, const torch::Tensor& predictions_NCDP, double alpha) {
  const GuardedFactor prediction = guarded_cholesky(covariance(predictions_NCDP, predictions_NCDP), alpha);
  const torch::Tensor sigma_yp_NCDD = covariance(labels_NCDP, predictions_NCDP);
  const torch::Tensor half_NCDD = at::linalg_solve_triangular(prediction.lower_NCDD, sigma_yp_NCDD.transpose(2, 3), false);
  const torch::Tensor m_NCDD = covariance(labels_NCDP, labels_NCDP) - torch::matmul(half_NCDD.transpose(2, 3), half_NCDD);
  const GuardedFactor unexplained = guarded_cholesky(m_NCDD, alpha);
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
  const MaskedTargets targets = masked_targets(labels_NHW, logits_NCHW);
  const torch::Tensor probabilities_NCHW = logits_NCHW.sigmoid() * targets.mask_N1HW + kProbabilityFloor;
  const LowerBounds bounds =
      lower_bounds(centred_vectors(pooled(targets.one_hot_NCHW)), centred_vectors(pooled(probabilities_NCHW)), alpha_);
  const torch::Tensor mean_C = bounds.values_NC.sum(0) / static_cast<double>(scope.samples);
  torch::Tensor region = (mean_C.to(torch::kFloat32) / static_cast<double>(kDimensions)).sum();
  if (bounds.missing_NC.defined()) {
    singular_.note(bounds.retried_NC.sum().item<int64_t>(), bounds.missing_NC.sum().item<int64_t>());
    region = region + binary_cross_entropy_shares(logits_NCHW, targets, scope).masked_select(bounds.missing_NC).sum();
  }
  return {{"bce", kLambda * binary_cross_entropy_share(logits_NCHW, targets, scope)}, {"rmi", (1 - kLambda) * region}};
}

torch::Tensor RmiLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  const LossTerms both = terms(logits_NCHW, labels_NHW, scope);
  return both[0].second + both[1].second;
}

}  // namespace strata
