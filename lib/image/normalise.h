#pragma once
// From bytes to the network's input, on whichever device the bytes are.

#include <torch/types.h>

namespace strata {

// (u8/255 - mean)/std per channel with mean .485 .456 .406 and deviation .229 .224 .225 (RGB; reference.md 1.2).
// images_NCHW: uint8, any memory format; the result is float32, channels-last. Dispatched as strata::normalise: CPU here, CUDA in
// the device module.
torch::Tensor normalise(const torch::Tensor& images_NCHW);

}  // namespace strata
