#pragma once
// No fusion: the network at one scale.

#include "models/scale_fusion.h"

#include <string>

namespace strata {

// One pass at `scale`, at the size of the images.
InferenceOutputs infer_one_scale(ScaleNetwork& network, const torch::Tensor& images_NCHW, double scale,
                                 const BilinearResize& resize);

// Inference takes exactly one scale, ConfigError otherwise.
class SingleScale : public ScaleFusion {
 public:
  explicit SingleScale(const FusionSite& site);
  TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  std::string network_;
  BilinearResize resize_;
  std::shared_ptr<ScaleNetwork> scale_;
};

}  // namespace strata
