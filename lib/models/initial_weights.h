#pragma once
// Weights to start training from.

#include "models/segmentation_model.h"

namespace strata {

// Overwrites the weights and biases of all convolutions. Each tensor is a pure function of (seed, its name, its shape, init), so
// all ranks get the same.
//   kKaiming: uniform with deviation sqrt(2 / fan_out) and no bias where a norm follows (He et al. 2015); the three convolutions
//   that end in logits or attention as
//             by kReference, because fan-out would saturate them (a single output channel would mean a deviation of 1.4).
//   kReference: N(0, 0.001) in the trunk; elsewhere U(-b, b) with b = 1 / sqrt(fan_in), weights and biases (PyTorch's default).
// Uniform draws have the same bits on every processor; normal ones hang on its logarithm and cosine.
// Norms are left at 1 and 0.
void set_initial_weights(torch::nn::Module& model, Init init, uint64_t seed);

}  // namespace strata
