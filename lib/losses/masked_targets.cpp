#include "losses/masked_targets.h"

#include "base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strata {

MaskedTargets masked_targets(const torch::Tensor& labels_NHW, const torch::Tensor& logits_NCHW) {
  const int64_t classes = logits_NCHW.size(1);
  const torch::Tensor labels_N1HW = labels_NHW.unsqueeze(1);
  const torch::Tensor counts_N1HW = labels_N1HW.ge(0).logical_and_(labels_N1HW.lt(classes));
  MaskedTargets targets;
  targets.mask_N1HW = counts_N1HW.to(logits_NCHW.scalar_type());
  targets.one_hot_NCHW = torch::zeros_like(logits_NCHW.detach());
  targets.one_hot_NCHW.scatter_(1, labels_N1HW.clamp(0, classes - 1), targets.mask_N1HW);
  return targets;
}

void require_matching(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, int64_t num_classes) {
  const bool four_and_three = logits_NCHW.dim() == 4 && labels_NHW.dim() == 3;
  if (four_and_three && logits_NCHW.size(1) == num_classes && logits_NCHW.size(0) == labels_NHW.size(0) &&
      logits_NCHW.size(2) == labels_NHW.size(1) && logits_NCHW.size(3) == labels_NHW.size(2)) {
    return;
  }
  throw InternalError(fmt::format("a loss of {} classes got logits of {} and labels of {}", num_classes,
                                  fmt::join(logits_NCHW.sizes(), "x"), fmt::join(labels_NHW.sizes(), "x")));
}

}  // namespace strata
