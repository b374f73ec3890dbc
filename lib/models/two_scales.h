#pragma once
// Training of all networks whose attention is that of the lower of two scales.

#include "models/scale_fusion.h"

namespace strata {

// Of one scale, at the decoder's resolution; the attention belongs to the lower one.
struct TwoScales {
  DecoderOutputs low, high;
  torch::Tensor attention_N1hw;
  ImageSize low_size, high_size;  // of the images
};

// attended + (1 - attention) other
torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other);

// The joint prediction U(a l) + (1 - U(a)) h and each scale alone, all at high_size. Logits and attention of the low scale are
// resized to low_size before they are multiplied, as in the reference.
TrainingOutputs join_two_scales(const TwoScales& scales, double low_scale, const BilinearResize& resize);

}  // namespace strata
