#include "losses/loss.h"
#include "losses/masked_targets.h"

#include <algorithm>

namespace strata {

torch::Tensor CrossEntropyLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                      const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, logits_NCHW.size(1));
  // One row a pixel: a view of channels-last logits, along which softmax is fast and whose gradient is channels-last, too.
  const torch::Tensor logits_PC = logits_NCHW.permute({0, 2, 3, 1}).flatten(0, 2);
  const torch::Tensor sum = at::nll_loss(logits_PC.log_softmax(1), labels_NHW.flatten(), {}, at::Reduction::Sum, ignore_id_);
  return sum / static_cast<double>(std::max<int64_t>(scope.valid_pixels, 1));
}

}  // namespace strata
