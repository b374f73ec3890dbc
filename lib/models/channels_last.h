#pragma once
// How weights lie in memory.

#include <torch/nn/module.h>

namespace strata {

// Weights of convolutions in channels-last memory, as images and features: kernels then give their gradients in the layout of the
// weights, and nothing is copied from one to the other. Values, names and shapes stay, and so do the bytes of weight files.
// Before anything holds the parameters' memory (optimisers, reducers).
void lay_out_channels_last(torch::nn::Module& module);

}  // namespace strata
