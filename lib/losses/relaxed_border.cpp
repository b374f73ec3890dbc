#include "losses/relaxed_border.h"

#include "losses/masked_targets.h"

#include <algorithm>
#include <limits>

namespace strata {
namespace {

// Classes of the valid labels in the 3x3 window; beyond the edge there are none.
torch::Tensor neighbouring_classes(const torch::Tensor& one_hot_NCHW) {
  return at::max_pool2d(one_hot_NCHW, {3, 3}, {1, 1}, {1, 1});
}

}  // namespace

torch::Tensor RelaxedBorderLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                       const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, num_classes_);
  const MaskedTargets targets = masked_targets(labels_NHW, logits_NCHW);
  const bool strict = options_.epochs > 0 && scope.epoch >= static_cast<uint64_t>(options_.epochs);
  const torch::Tensor right_NCHW = strict ? targets.one_hot_NCHW : neighbouring_classes(targets.one_hot_NCHW);
  // Where the pixel does not count every class is right: a sum over an empty set would be NaN even if masked afterwards.
  const torch::Tensor wrong_NCHW = right_NCHW.eq(0).logical_and(targets.mask_N1HW.ne(0));
  const torch::Tensor log_right_NHW =
      logits_NCHW.masked_fill(wrong_NCHW, -std::numeric_limits<double>::infinity()).logsumexp({1});
  const torch::Tensor sum = ((logits_NCHW.logsumexp({1}) - log_right_NHW) * targets.mask_N1HW.squeeze(1)).sum();
  return sum / static_cast<double>(std::max<int64_t>(scope.valid_pixels, 1));
}

}  // namespace strata
