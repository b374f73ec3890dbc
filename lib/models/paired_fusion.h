#pragma once
// Attention between pairs of neighbouring scales, chained to any number of them.

#include "models/chain.h"
#include "models/each_scale.h"

namespace strata {

// The reference's "attnscale.DeepV3R50BP". For neighbours l < h the head makes two maps (a_l, a_h) of their features side by
// side; where l has a weight w already, from the pair below, both are scaled by w / (a_l + a_h). The prediction is the sum of
// weights times logits. The reference hands on a_h unscaled, which from four scales on is not the weight of h; here the scaled
// one is handed on. Trained at low_scale and 1.
class PairedFusion : public ScaleFusion {
 public:
  explicit PairedFusion(const FusionSite& site);
  TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  // Scales as HierarchicalFusion takes them.
  InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  WeighedScales fuse(const torch::Tensor& images_NCHW, const std::vector<double>& scales, const DropoutKeys& keys);

  double low_scale_;
  BilinearResize resize_;
  std::shared_ptr<ScaleNetwork> scale_;
  Chain scale_attn_;
};

}  // namespace strata
