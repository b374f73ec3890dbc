#pragma once
// All scales by themselves, brought to one size: what attention over several scales at once reads.

#include "models/scale_fusion.h"

#include <map>
#include <vector>

namespace strata {

struct ScaledOutputs {
  torch::Tensor logits_NCHW;    // at the size of the images
  torch::Tensor features_NCHW;  // at the size of those of scale 1
};
using EachScale = std::map<double, ScaledOutputs>;

struct ScaledImages {
  const torch::Tensor& images_NCHW;
  const std::vector<double>& scales;  // 1 among them
  const DropoutKeys& keys;
};
// Logits in float32 at least.
EachScale run_each_scale(ScaleNetwork& network, const ScaledImages& input, const BilinearResize& resize);

struct WeighedScales {
  torch::Tensor pred_NCHW;
  std::vector<ScaleTensor> logits_NCHW, attention_N1HW;  // of each scale, ascending, at the size of the images
};
// The sum of weights times logits; one weight a scale, in the order of `scales`, at the size of the images.
WeighedScales weigh(const EachScale& each, const std::vector<double>& scales, std::vector<torch::Tensor> weights_N1HW);

}  // namespace strata
