#include "models/explicit_fusion.h"

#include "base/error.h"
#include "models/joint_logits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace strata {

namespace {

constexpr int64_t kPlainChannels = 512;

std::vector<double> ascending(std::vector<double> scales) {
  std::sort(scales.begin(), scales.end());
  return scales;
}

std::vector<double> fixed_scales_of(const ModelOptions& options) {
  const auto scales = ascending(options.fixed_scales);
  const bool distinct = std::adjacent_find(scales.begin(), scales.end()) == scales.end();
  if (scales.size() < 2 || !(scales.front() > 0) || !distinct || std::find(scales.begin(), scales.end(), 1.0) == scales.end()) {
    throw ConfigError(
        fmt::format("scales {} of {}: give at least two different ones with 1 among them", fmt::join(scales, ","), options.name));
  }
  return scales;
}

Chain make_head(const FusionSite& site, ExplicitFusion::Head head) {
  const auto maps = static_cast<int64_t>(site.options.fixed_scales.size());
  const int64_t in_channels = maps * site.scale->decoder->feature_channels();
  if (head == ExplicitFusion::Head::kNorm) return make_seg_head(in_channels, site.options.attention_channels, maps, site.norm);
  Chain plain;
  plain->add(Convolution(conv3x3(in_channels, kPlainChannels)))
      .add_relu()
      .add(Convolution(conv1x1(kPlainChannels, maps).padded(1)));  // a border of zeros, which the resize then squeezes in
  return plain;
}

}  // namespace

ExplicitFusion::ExplicitFusion(const FusionSite& site, Head head)
    : network_(site.options.name),
      scales_(fixed_scales_of(site.options)),
      resize_(resize_of(site.options)),
      scale_(site.scale),
      scale_attn_(site.network.register_module("scale_attn", make_head(site, head))) {}

WeighedScales ExplicitFusion::fuse(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  EachScale each = run_each_scale(*scale_, {images_NCHW, scales_, keys}, resize_);
  std::vector<torch::Tensor> side_by_side = {each.at(1).features_NCHW};
  for (const double scale : scales_) {
    if (scale != 1) side_by_side.push_back(each.at(scale).features_NCHW);
  }
  const torch::Tensor maps_NCHW = at_least_fp32(scale_attn_(torch::cat(side_by_side, 1)));
  std::vector<torch::Tensor> weights_N1HW;
  for (const torch::Tensor& map_N1hw : maps_NCHW.split(1, 1)) weights_N1HW.push_back(resize_(map_N1hw, size_of(images_NCHW)));
  return weigh(each, scales_, std::move(weights_N1HW));
}

TrainingOutputs ExplicitFusion::train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  WeighedScales fused = fuse(images_NCHW, keys);
  return {.pred_NCHW = fused.pred_NCHW, .aux_NCHW = {}, .pred_scales_NCHW = std::move(fused.logits_NCHW)};
}

InferenceOutputs ExplicitFusion::infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  if (ascending(scales) != scales_) {
    throw ConfigError(
        fmt::format("{} has an attention map for each of the scales {} and can predict at no others: give these "
                    "instead of {}",
                    network_, fmt::join(scales_, ","), fmt::join(scales, ",")));
  }
  WeighedScales fused = fuse(images_NCHW, {});
  return {.pred_NCHW = fused.pred_NCHW, .attention_N1HW = std::move(fused.attention_N1HW)};
}

}  // namespace strata
