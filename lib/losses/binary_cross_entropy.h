#pragma once

#include "losses/loss.h"
#include "losses/masked_targets.h"

namespace strata {

// Sigmoid BCE summed over pixels that count and all classes, over (valid pixels of the global batch + 1).
torch::Tensor binary_cross_entropy_share(const torch::Tensor& logits_NCHW, const MaskedTargets& targets, const LossScope& scope);
// The same before the sum over samples and classes: N x C.
torch::Tensor binary_cross_entropy_shares(const torch::Tensor& logits_NCHW, const MaskedTargets& targets, const LossScope& scope);

}  // namespace strata
