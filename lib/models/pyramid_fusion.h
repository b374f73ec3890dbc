#pragma once
// Hierarchical attention that hands context from scale to scale, too.

#include "models/scale_attention.h"
#include "models/scale_fusion.h"

namespace strata {

// The reference's "Fuse" networks. With c the decoder's context and m the context map of the next lower scale, both resized to
// this scale's context: c <- m c_low + (1 - m) c before decoding. So scales run from the lowest to the highest; their logits are
// then joined from the highest to the lowest as in HierarchicalFusion. The reference trains this way at two scales and fails at
// n; here n scales continue the rule of two, and inference at 0.5 and 1 is what training computes.
class PyramidFusion : public ScaleFusion {
 public:
  enum class ContextMap { kShared, kOwn };  // blends context by the attention, or by a second map of the same head

  PyramidFusion(const FusionSite& site, ContextMap map);
  TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  // What a scale hands to the next higher one.
  struct Context {
    torch::Tensor context_NCHW, map_N1HW;
  };
  struct Pass {
    DecoderOutputs decoded;
    torch::Tensor context_NCHW;
  };
  Pass run(const torch::Tensor& images_NCHW, const Context& lower, const DropoutDraw& draw);

  double low_scale_;
  BilinearResize resize_;
  std::shared_ptr<ScaleNetwork> scale_;
  ScaleAttention scale_attn_;
};

}  // namespace strata
