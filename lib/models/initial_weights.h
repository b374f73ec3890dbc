#pragma once
// Weights to start training from.

#include "models/network_recipe.h"

namespace strata {

// Overwrites the weights and biases of all convolutions. Each tensor is a pure function of (options.seed, its name, its shape,
// options.init and, for the reference's way, the recipe), so all ranks get the same.
//   kKaiming: uniform with deviation sqrt(2 / fan_out) and no bias where a norm follows (He et al. 2015); the convolutions that
//   end in logits or attention get PyTorch's default, because fan-out would saturate them (a single output channel would mean a
//   deviation of 1.4).
//   kReference: trunks N(0, 0.001) for HRNet, N(0, 2 / fan_out) for ResNet and Xception; the recipe's he_parts N(0, 2 / fan_in)
//   without biases; all else PyTorch's default: U(-b, b) with b = 1 / sqrt(fan_in), weights and biases. The reference's original
//   attention head starts at zero, from which it cannot learn; it has the default here.
// Uniform draws have the same bits on every processor; normal ones hang on its logarithm and cosine.
// Norms are left at 1 and 0.
void set_initial_weights(torch::nn::Module& model, const NetworkRecipe& recipe, const ModelOptions& options);

}  // namespace strata
