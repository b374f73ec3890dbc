#pragma once
// Networks that will only be used for inference.

#include "models/segmentation_model.h"

namespace strata {

// Folds each norm behind a convolution into it, in double, and keeps the result in `type` (float64, float32 or bfloat16), in
// which the network then computes; images may stay float32. Outputs are those of the network as it was, within the rounding of
// `type`. The network must be in evaluation mode, hold its weights and lie on its device already. It is for inference from then
// on: its own weights are given up (parameters of convolutions are empty), and training mode is an InternalError. Local.
void freeze(SegmentationModel& model, torch::Dtype type);

}  // namespace strata
