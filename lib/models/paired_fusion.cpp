#include "models/paired_fusion.h"

#include "models/joint_logits.h"
#include "models/single_scale.h"

#include <algorithm>
#include <utility>

namespace strata {

PairedFusion::PairedFusion(const FusionSite& site)
    : low_scale_(site.options.low_scale),
      resize_(resize_of(site.options)),
      scale_(site.scale),
      scale_attn_(site.network.register_module("scale_attn", make_seg_head(2 * site.scale->decoder->feature_channels(),
                                                                           site.options.attention_channels, 2, site.norm))) {}

WeighedScales PairedFusion::fuse(const torch::Tensor& images_NCHW, const std::vector<double>& scales, const DropoutKeys& keys) {
  EachScale each = run_each_scale(*scale_, {images_NCHW, scales, keys}, resize_);
  std::vector<torch::Tensor> weights_N1HW(scales.size());
  for (size_t i = 0; i + 1 < scales.size(); ++i) {
    const torch::Tensor pair_NCHW = torch::cat({each.at(scales[i]).features_NCHW, each.at(scales[i + 1]).features_NCHW}, 1);
    const torch::Tensor maps_N2HW = resize_(at_least_fp32(scale_attn_(pair_NCHW)).sigmoid(), size_of(images_NCHW));
    torch::Tensor low_N1HW = maps_N2HW.narrow(1, 0, 1), high_N1HW = maps_N2HW.narrow(1, 1, 1);
    if (i > 0) {
      const torch::Tensor share_N1HW = weights_N1HW[i] / (low_N1HW + high_N1HW);
      low_N1HW = low_N1HW * share_N1HW;
      high_N1HW = high_N1HW * share_N1HW;
    }
    weights_N1HW[i] = low_N1HW;
    weights_N1HW[i + 1] = high_N1HW;
  }
  return weigh(each, scales, std::move(weights_N1HW));
}

TrainingOutputs PairedFusion::train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  WeighedScales fused = fuse(images_NCHW, {low_scale_, 1}, keys);
  return {.pred_NCHW = fused.pred_NCHW, .aux_NCHW = {}, .pred_scales_NCHW = std::move(fused.logits_NCHW)};
}

InferenceOutputs PairedFusion::infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  std::vector<double> order = joining_order(scales);
  std::reverse(order.begin(), order.end());
  if (order.size() == 1) return infer_one_scale(*scale_, images_NCHW, order[0], resize_);
  WeighedScales fused = fuse(images_NCHW, order, {});
  return {.pred_NCHW = fused.pred_NCHW, .attention_N1HW = std::move(fused.attention_N1HW)};
}

}  // namespace strata
