#include "models/scale_attention.h"

#include "base/error.h"
#include "models/joint_logits.h"
#include "models/scale_fusion.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace strata {

namespace {

constexpr std::array<std::pair<AttentionHead, const char*>, 3> kHeads = {
    {{AttentionHead::kStandard, "standard"}, {AttentionHead::kShallow, "shallow"}, {AttentionHead::kOriginal, "original"}}};

// Of the reference's tensors.
struct HeadNames {
  bool words;

  ConvNorm::Names hidden(size_t layer) const {
    if (words) return {fmt::format("conv{}", layer), fmt::format("bn{}", layer)};
    return {fmt::format("{}", 3 * layer), fmt::format("{}", 3 * layer + 1)};
  }
  // "conv2" even where there is no "conv1".
  std::string last(size_t layers) const { return words ? "conv2" : fmt::format("{}", 3 * layers); }
};

}  // namespace

ScaleAttentionImpl::ScaleAttentionImpl(const ScaleAttentionOptions& o, const NormFactory& norm)
    : dropout_(o.dropout, o.seed, o.drops) {
  const bool original = o.head == AttentionHead::kOriginal;
  const HeadNames names{o.names == ScaleAttentionOptions::Names::kWords && !original};
  const size_t layers = o.head == AttentionHead::kShallow ? 1 : 2;
  for (size_t i = 0; i < layers; ++i) {
    hidden_.emplace_back(*this, names.hidden(i), conv3x3(i == 0 ? o.in_channels : o.channels, o.channels), norm);
  }
  ConvolutionOptions last = conv1x1(o.channels, o.maps);
  if (original) last.kernel = o.maps;
  last_ = register_module(names.last(layers), Convolution(last));
}

torch::Tensor ScaleAttentionImpl::hidden(const torch::Tensor& features_NCHW) {
  torch::Tensor x_NCHW = features_NCHW;
  for (auto& layer : hidden_) x_NCHW = layer.relu(x_NCHW);
  return x_NCHW;
}

torch::Tensor ScaleAttentionImpl::forward(const torch::Tensor& features_NCHW, const DropoutDraw& draw) {
  torch::Tensor x_NCHW = hidden(features_NCHW);
  if (is_training()) x_NCHW = dropout_.apply(x_NCHW, DropoutDraw{draw.keys, fmt::format("{} scale_attn", draw.layer)});
  return at_least_fp32(last_(x_NCHW)).sigmoid();
}

void ScaleAttentionImpl::observe(const torch::Tensor& features_NCHW) {
  const torch::NoGradGuard no_gradients;
  hidden(features_NCHW);
}

AttentionHead parse_attention_head(const std::string& name) {
  for (const auto& [head, its_name] : kHeads) {
    if (name == its_name) return head;
  }
  throw ConfigError("unknown attention head '" + name + "'; known: standard, shallow, original");
}

std::string attention_head_name(AttentionHead head) {
  for (const auto& [known, name] : kHeads) {
    if (head == known) return name;
  }
  throw InternalError("an attention head without a name");
}

ScaleAttentionOptions attention_options(const FusionSite& site, int64_t in_channels) {
  return {.in_channels = in_channels,
          .channels = site.options.attention_channels,
          .head = site.options.attention_head,
          .dropout = site.options.attention_dropout,
          .drops = site.attention_drops,
          .seed = site.options.seed};
}

}  // namespace strata
