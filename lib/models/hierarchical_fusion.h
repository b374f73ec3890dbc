#pragma once
// Hierarchical multi-scale attention: a network trained at two scales predicts at any number of them.

#include "models/scale_attention.h"
#include "models/scale_fusion.h"

namespace strata {

// Tao, Sapra, Catanzaro 2020, "Hierarchical Multi-Scale Attention for Semantic Segmentation". The attention is that of the lower
// of two neighbouring scales, as in the paper.
class HierarchicalFusion : public ScaleFusion {
 public:
  // What the attention of a scale is read from: its features alone, or with those of the next larger scale behind them.
  enum class Reads { kOwn, kBoth };

  HierarchicalFusion(const FusionSite& site, Reads reads);
  TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  // `larger` is not looked at where attention reads its own scale.
  torch::Tensor attention(const torch::Tensor& features_NCHW, const torch::Tensor& larger_NCHW, const DropoutDraw& draw);

  Reads reads_;
  double low_scale_;
  BilinearResize resize_;
  std::shared_ptr<ScaleNetwork> scale_;
  ScaleAttention scale_attn_;
};

}  // namespace strata
