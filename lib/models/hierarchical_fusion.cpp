#include "models/hierarchical_fusion.h"

#include "models/joint_logits.h"
#include "models/two_scales.h"

namespace strata {

namespace {

ScaleAttentionOptions head_options(const FusionSite& site, HierarchicalFusion::Reads reads) {
  const bool both = reads == HierarchicalFusion::Reads::kBoth;
  ScaleAttentionOptions options = attention_options(site, (both ? 2 : 1) * site.scale->decoder->feature_channels());
  if (both) options.names = ScaleAttentionOptions::Names::kNumbers;
  return options;
}

}  // namespace

HierarchicalFusion::HierarchicalFusion(const FusionSite& site, Reads reads)
    : reads_(reads),
      low_scale_(site.options.low_scale),
      resize_(resize_of(site.options)),
      scale_(site.scale),
      scale_attn_(site.network.register_module("scale_attn", ScaleAttention(head_options(site, reads), site.norm))) {}

torch::Tensor HierarchicalFusion::attention(const torch::Tensor& features_NCHW, const torch::Tensor& larger_NCHW,
                                            const DropoutDraw& draw) {
  if (reads_ == Reads::kOwn) return scale_attn_(features_NCHW, draw);
  return scale_attn_(torch::cat({features_NCHW, resize_(larger_NCHW, size_of(features_NCHW))}, 1), draw);
}

TrainingOutputs HierarchicalFusion::train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  const torch::Tensor low_NCHW = resize_(images_NCHW, scaled_size(images_NCHW, low_scale_));
  const std::string low_name = pass_name(low_scale_);
  const DropoutDraw low_draw{keys, low_name};
  TwoScales scales = {.low = scale_->run(low_NCHW, low_draw),
                      .high = {},
                      .attention_N1hw = {},
                      .low_size = size_of(low_NCHW),
                      .high_size = size_of(images_NCHW)};
  if (reads_ == Reads::kOwn) scales.attention_N1hw = scale_attn_(scales.low.features_NCHW, low_draw);
  scales.high = scale_->run(images_NCHW, DropoutDraw{keys, "1"});
  if (reads_ == Reads::kBoth) {
    scales.attention_N1hw = attention(scales.low.features_NCHW, scales.high.features_NCHW, low_draw);
  } else if (scale_attn_->is_training()) {
    scale_attn_->observe(scales.high.features_NCHW);
  }
  return join_two_scales(scales, low_scale_, resize_);
}

InferenceOutputs HierarchicalFusion::infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  const ImageSize full = size_of(images_NCHW);
  InferenceOutputs outputs;
  JointLogits joint(resize_, full);
  torch::Tensor larger_NCHW;
  const DropoutKeys none;
  const DropoutDraw draw{none, ""};
  for (const double scale : joining_order(scales)) {
    const torch::Tensor scaled_NCHW = resize_(images_NCHW, scaled_size(images_NCHW, scale));
    const ImageSize size = size_of(scaled_NCHW);
    const DecoderOutputs decoded = scale_->run(scaled_NCHW, draw);
    torch::Tensor attention_N1hw;
    if (!joint.empty()) {
      attention_N1hw = attention(decoded.features_NCHW, larger_NCHW, draw);
      outputs.attention_N1HW.emplace_back(scale, resize_(resize_(attention_N1hw, size), full));
    }
    joint.add({scale, size, decoded.logits_NCHW, attention_N1hw});
    if (reads_ == Reads::kBoth) larger_NCHW = decoded.features_NCHW;
  }
  outputs.pred_NCHW = joint.whole();
  return outputs;
}

}  // namespace strata
