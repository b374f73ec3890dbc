#include "base/log.h"
#include "losses/binary_cross_entropy.h"

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
constexpr double kAlpha = 5e-4;  // added to the diagonals of covariances
constexpr double kLogFloor = 1e-8;
constexpr int kAttempts = 4;  // of a Cholesky factorisation, each with a ten times larger diagonal

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

struct Factor {
  torch::Tensor lower_NCDD;  // L of L L^T = A + alpha I
  torch::Tensor found_NC;    // false where no alpha that was tried made A + alpha I positive definite; L is the identity there
};

Factor guarded_cholesky(const torch::Tensor& matrices_NCDD) {
  const torch::Tensor identity = torch::eye(kDimensions, matrices_NCDD.options());
  torch::Tensor alpha_NC11 = torch::full({matrices_NCDD.size(0), matrices_NCDD.size(1), 1, 1}, kAlpha, matrices_NCDD.options());
  torch::Tensor failed_NC;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto [lower_NCDD, info_NC] = at::linalg_cholesky_ex(matrices_NCDD + alpha_NC11 * identity);
    failed_NC = info_NC.ne(0);
    const auto failures = failed_NC.sum().item<int64_t>();
    if (failures == 0) return {lower_NCDD, failed_NC.logical_not()};
    log_warning("RMI: {} of {} covariances are not positive definite with {} on the diagonal", failures, failed_NC.numel(),
                alpha_NC11.max().item<double>());
    alpha_NC11 = torch::where(failed_NC.unsqueeze(2).unsqueeze(3), alpha_NC11 * 10, alpha_NC11);
  }
  log_warning("RMI: these terms are left to the pixel-wise loss alone");
  const torch::Tensor usable_NCDD =
      torch::where(failed_NC.unsqueeze(2).unsqueeze(3), identity, matrices_NCDD + alpha_NC11 * identity);
  return {at::linalg_cholesky(usable_NCDD), failed_NC.logical_not()};
}

// log det(Sigma_Y - Sigma_YP Sigma_P^-1 Sigma_YP^T) / 2 of every sample and class; 0 where it cannot be computed.
torch::Tensor lower_bounds(const torch::Tensor& labels_NCDP, const torch::Tensor& predictions_NCDP) {
  const Factor prediction = guarded_cholesky(covariance(predictions_NCDP, predictions_NCDP));
  const torch::Tensor sigma_yp_NCDD = covariance(labels_NCDP, predictions_NCDP);
  const torch::Tensor half_NCDD = at::linalg_solve_triangular(prediction.lower_NCDD, sigma_yp_NCDD.transpose(2, 3), false);
  const torch::Tensor m_NCDD = covariance(labels_NCDP, labels_NCDP) - torch::matmul(half_NCDD.transpose(2, 3), half_NCDD);
  const Factor unexplained = guarded_cholesky(m_NCDD);
  const torch::Tensor bound_NC = (unexplained.lower_NCDD.diagonal(0, 2, 3) + kLogFloor).log().sum(2);
  return bound_NC * prediction.found_NC.logical_and(unexplained.found_NC);
}

torch::Tensor region_share(const torch::Tensor& logits_NCHW, const MaskedTargets& targets, const LossScope& scope) {
  const torch::Tensor probabilities_NCHW = logits_NCHW.sigmoid() * targets.mask_N1HW + kProbabilityFloor;
  const torch::Tensor bounds_NC =
      lower_bounds(centred_vectors(pooled(targets.one_hot_NCHW)), centred_vectors(pooled(probabilities_NCHW)));
  const torch::Tensor mean_C = bounds_NC.sum(0) / static_cast<double>(scope.samples);
  return (mean_C.to(torch::kFloat32) / static_cast<double>(kDimensions)).sum();
}

}  // namespace

torch::Tensor RmiLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, num_classes_);
  const MaskedTargets targets = masked_targets(labels_NHW, logits_NCHW);
  const torch::Tensor pixels = binary_cross_entropy_share(logits_NCHW, targets, scope);
  return kLambda * pixels + (1 - kLambda) * region_share(logits_NCHW, targets, scope);
}

}  // namespace strata
