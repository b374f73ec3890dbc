#pragma once
// What a network costs, told without running it.

#include "models/resize_bilinear.h"
#include "models/segmentation_model.h"

namespace strata {

struct NetworkCost {
  int64_t parameters = 0;
  // Of one image. Convolutions and matrix products, a multiplication and an addition counted as two.
  double inference_flop = 0;  // at scale 1, of networks with fixed scales at those
  double training_flop = 0;   // forward, at the scales of training; backward takes twice as many again
  // Outputs of convolutions, norms and resizes in float32 in a training forward: about what backward keeps without activation
  // checkpointing.
  int64_t activation_bytes = 0;
};

// Builds the network with weights that nobody fills and walks through it with a batch of no images: milliseconds and no memory
// for features. ConfigError as make_model().
NetworkCost network_cost(const ModelOptions& options, ImageSize size);

}  // namespace strata
