#pragma once
// Labels as the losses over classes want them.

#include <torch/types.h>

namespace strata {

// A pixel counts where its label is in [0, C).
struct MaskedTargets {
  torch::Tensor one_hot_NCHW;  // 1 at the label's class of a pixel that counts, 0 elsewhere; type and memory format of the logits
  torch::Tensor mask_N1HW;     // 1 where the pixel counts
};
MaskedTargets masked_targets(const torch::Tensor& labels_NHW, const torch::Tensor& logits_NCHW);

// InternalError unless logits have num_classes channels and labels the same N, H, W.
void require_matching(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, int64_t num_classes);

}  // namespace strata
