#pragma once
// What treats every pixel alone, done for some rows at a time.

#include <torch/types.h>

#include <functional>

namespace strata {

using PixelFunction = std::function<torch::Tensor(const torch::Tensor& x_NCHW)>;

// function(x), of which each pixel must be that of x alone (1x1 convolutions, norms with fixed statistics, sigmoid, softmax over
// channels). Without gradients it is called with a few rows at a time, so that what it makes on the way stays small; with
// gradients once, since they need all of it. Equal within rounding.
torch::Tensor by_row_bands(const torch::Tensor& x_NCHW, const PixelFunction& function);

}  // namespace strata
