#pragma once
// Attention to scale: one map for each of a fixed number of scales.

#include "models/chain.h"
#include "models/each_scale.h"

namespace strata {

// Chen et al. 2016, "Attention to Scale: Scale-aware Semantic Image Segmentation", as the reference has it: the maps are read
// from the features of all scales side by side (1 first, then the others from the smallest) and neither sigmoid nor softmax
// limits them; the prediction is the sum of maps times logits. Trained and evaluated at ModelOptions::fixed_scales.
class ExplicitFusion : public ScaleFusion {
 public:
  enum class Head { kPlain, kNorm };

  ExplicitFusion(const FusionSite& site, Head head);
  TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  // ConfigError unless the scales are the fixed ones.
  InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  WeighedScales fuse(const torch::Tensor& images_NCHW, const DropoutKeys& keys);

  std::string network_;
  std::vector<double> scales_;  // ascending
  BilinearResize resize_;
  std::shared_ptr<ScaleNetwork> scale_;
  Chain scale_attn_;
};

}  // namespace strata
