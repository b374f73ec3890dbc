#include "models/pyramid_fusion.h"

#include "models/joint_logits.h"
#include "models/two_scales.h"

#include <algorithm>

namespace strata {

namespace {

ScaleAttentionOptions head_options(const FusionSite& site, PyramidFusion::ContextMap map) {
  ScaleAttentionOptions options = attention_options(site, site.scale->decoder->feature_channels());
  if (map == PyramidFusion::ContextMap::kOwn) options.maps = 2;
  return options;
}

torch::Tensor attention_of(const torch::Tensor& maps_NCHW) { return maps_NCHW.narrow(1, 0, 1); }
torch::Tensor context_map_of(const torch::Tensor& maps_NCHW) { return maps_NCHW.narrow(1, maps_NCHW.size(1) - 1, 1); }

}  // namespace

PyramidFusion::PyramidFusion(const FusionSite& site, ContextMap map)
    : low_scale_(site.options.low_scale),
      resize_(resize_of(site.options)),
      scale_(site.scale),
      scale_attn_(site.network.register_module("scale_attn", ScaleAttention(head_options(site, map), site.norm))) {}

PyramidFusion::Pass PyramidFusion::run(const torch::Tensor& images_NCHW, const Context& lower, const DropoutDraw& draw) {
  const TrunkFeatures features = scale_->trunk->features(images_NCHW, draw);
  Pass pass;
  pass.context_NCHW = scale_->decoder->context(features);
  if (lower.context_NCHW.defined()) {
    const ImageSize size = size_of(pass.context_NCHW);
    const torch::Tensor map_N1HW = resize_(lower.map_N1HW, size);
    pass.context_NCHW = blend(map_N1HW, map_N1HW * resize_(lower.context_NCHW, size), pass.context_NCHW);
  }
  pass.decoded = scale_->decoder->decode(features, pass.context_NCHW, draw);
  return pass;
}

TrainingOutputs PyramidFusion::train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  const torch::Tensor low_NCHW = resize_(images_NCHW, scaled_size(images_NCHW, low_scale_));
  const std::string low_name = pass_name(low_scale_);
  const DropoutDraw low_draw{keys, low_name};
  const Pass low = run(low_NCHW, {}, low_draw);
  const torch::Tensor maps_NChw = resize_(scale_attn_(low.decoded.features_NCHW, low_draw), size_of(low_NCHW));
  const Pass high = run(images_NCHW, {low.context_NCHW, context_map_of(maps_NChw)}, DropoutDraw{keys, "1"});
  if (scale_attn_->is_training()) scale_attn_->observe(high.decoded.features_NCHW);
  return join_two_scales({.low = low.decoded,
                          .high = high.decoded,
                          .attention_N1hw = attention_of(maps_NChw),
                          .low_size = size_of(low_NCHW),
                          .high_size = size_of(images_NCHW)},
                         low_scale_, resize_);
}

InferenceOutputs PyramidFusion::infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  const ImageSize full = size_of(images_NCHW);
  const std::vector<double> order = joining_order(scales);
  std::vector<ScaleLogits> passes;  // from the smallest scale
  const DropoutKeys none;
  const DropoutDraw draw{none, ""};
  Context lower;
  for (auto scale = order.rbegin(); scale != order.rend(); ++scale) {
    const torch::Tensor scaled_NCHW = resize_(images_NCHW, scaled_size(images_NCHW, *scale));
    const ImageSize size = size_of(scaled_NCHW);
    const Pass pass = run(scaled_NCHW, lower, draw);
    passes.push_back({*scale, size, pass.decoded.logits_NCHW, {}});
    if (*scale == order.front()) break;
    const torch::Tensor maps_NChw = scale_attn_(pass.decoded.features_NCHW, draw);
    passes.back().attention_N1hw = attention_of(maps_NChw);
    lower = {pass.context_NCHW, resize_(context_map_of(maps_NChw), size)};
  }
  InferenceOutputs outputs;
  JointLogits joint(resize_, full);
  for (auto pass = passes.rbegin(); pass != passes.rend(); ++pass) {
    joint.add(*pass);
    if (!pass->attention_N1hw.defined()) continue;
    outputs.attention_N1HW.emplace_back(pass->scale, resize_(resize_(pass->attention_N1hw, pass->input_size), full));
  }
  outputs.pred_NCHW = joint.whole();
  return outputs;
}

}  // namespace strata
