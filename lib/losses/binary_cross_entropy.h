#pragma once

#include "losses/loss.h"
#include "losses/masked_targets.h"

namespace strata {

// Sigmoid BCE over pixels that count / (valid pixels of the global batch + 1), not summed over samples and classes: N x C.
torch::Tensor binary_cross_entropy_shares(const torch::Tensor& logits_NCHW, const MaskedTargets& targets, const LossScope& scope);

}  // namespace strata
