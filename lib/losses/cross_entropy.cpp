#include "losses/class_weights.h"
#include "losses/loss.h"
#include "losses/masked_targets.h"

#include <algorithm>

namespace strata {

torch::Tensor CrossEntropyLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                      const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, logits_NCHW.size(1));
  // One row a pixel: a view of channels-last logits, along which softmax is fast and whose gradient is channels-last, too.
  const torch::Tensor log_p_PC = logits_NCHW.permute({0, 2, 3, 1}).flatten(0, 2).log_softmax(1);
  const torch::Tensor weights_C = class_weight_tensor(class_weights_, logits_NCHW);
  const torch::Tensor sum = at::nll_loss(log_p_PC, labels_NHW.flatten(), weights_C, at::Reduction::Sum, ignore_id_);
  if (class_weights_.empty()) return sum / static_cast<double>(std::max<int64_t>(scope.valid_pixels, 1));
  const double total = total_weight(class_weights_, scope.class_pixels);
  return sum / (total > 0 ? total : 1.0);
}

}  // namespace strata
