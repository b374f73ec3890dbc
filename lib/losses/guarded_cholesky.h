#pragma once
// Cholesky factors of matrices that may be singular.

#include <torch/types.h>

namespace strata {

struct GuardedFactor {
  torch::Tensor lower_NCDD;  // L of L L^T = A + alpha I
  torch::Tensor retried_NC;  // true where the first alpha was not enough
  torch::Tensor failed_NC;   // true where none that was tried was; L is the identity there, without a gradient
  bool all_at_once = true;   // nothing was retried
};

// Matrices that are not positive definite with alpha on the diagonal are tried with 10, 100 and 1000 alpha; the others stay as
// they are. Does not throw for values that are not finite.
GuardedFactor guarded_cholesky(const torch::Tensor& matrices_NCDD, double alpha);

}  // namespace strata
