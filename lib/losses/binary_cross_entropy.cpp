#include "losses/binary_cross_entropy.h"

#include "losses/region_maps.h"

namespace strata {

torch::Tensor binary_cross_entropy_shares(const torch::Tensor& logits_NCHW, const MaskedTargets& targets,
                                          const LossScope& scope) {
  const torch::Tensor pixels_NCHW =
      at::binary_cross_entropy_with_logits(logits_NCHW, targets.one_hot_NCHW, targets.mask_N1HW, {}, at::Reduction::None);
  return pixels_NCHW.sum({2, 3}) / (static_cast<double>(scope.valid_pixels) + 1.0);
}

torch::Tensor BinaryCrossEntropyLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                            const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, num_classes_);
  return binary_cross_entropy_sum(logits_NCHW, labels_NHW) / (static_cast<double>(scope.valid_pixels) + 1.0);
}

}  // namespace strata
