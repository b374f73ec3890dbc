#include "losses/guarded_cholesky.h"

namespace strata {
namespace {

constexpr int kAttempts = 4;  // each with a ten times larger diagonal

torch::Tensor over_matrices(const torch::Tensor& values_NC) { return values_NC.unsqueeze(2).unsqueeze(3); }

}  // namespace

GuardedFactor guarded_cholesky(const torch::Tensor& matrices_NCDD, double alpha) {
  const torch::Tensor identity = torch::eye(matrices_NCDD.size(3), matrices_NCDD.options());
  torch::Tensor alpha_NC11 = torch::full({matrices_NCDD.size(0), matrices_NCDD.size(1), 1, 1}, alpha, matrices_NCDD.options());
  GuardedFactor factor;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto [lower_NCDD, info_NC] = at::linalg_cholesky_ex(matrices_NCDD + alpha_NC11 * identity);
    factor.failed_NC = info_NC.ne(0);
    if (attempt == 0) factor.retried_NC = factor.failed_NC;
    if (!factor.failed_NC.any().item<bool>()) {
      factor.lower_NCDD = lower_NCDD;
      return factor;
    }
    factor.all_at_once = false;
    alpha_NC11 = torch::where(over_matrices(factor.failed_NC), alpha_NC11 * 10, alpha_NC11);
  }
  const torch::Tensor usable_NCDD =
      torch::where(over_matrices(factor.failed_NC), identity, matrices_NCDD + alpha_NC11 * identity);
  factor.lower_NCDD = at::linalg_cholesky(usable_NCDD);
  return factor;
}

}  // namespace strata
