#include "models/head_decoders.h"

namespace strata {

namespace {

constexpr int64_t kNarrowChannels = 256;

Chain register_seg_head(const DecoderSite& site, const std::string& name, int64_t in_channels) {
  const auto& options = site.options;
  return site.network.register_module(name,
                                      make_seg_head(in_channels, options.attention_channels, options.num_classes, site.norm));
}

}  // namespace

HeadDecoder::HeadDecoder(const DecoderSite& site, const std::string& name)
    : channels_(site.trunk.last), head_(register_seg_head(site, name, channels_)) {}

DecoderOutputs HeadDecoder::decode(TrunkFeatures, torch::Tensor context_NCHW, const DropoutDraw&) {
  return {.logits_NCHW = head_(context_NCHW), .aux_NCHW = {}, .features_NCHW = context_NCHW};
}

AsppDecoder::AsppDecoder(const DecoderSite& site, Width width)
    : aspp_(site.network.register_module("aspp", Aspp(site.trunk.last, site.options.aspp_channels, site.norm))),
      channels_(aspp_->out_channels()) {
  if (width == Width::kNarrowed) {
    bot_aspp_ = site.network.register_module("bot_aspp", Convolution(conv1x1(channels_, kNarrowChannels)));
    channels_ = kNarrowChannels;
  }
  final_ = register_seg_head(site, "final", channels_);
}

DecoderOutputs AsppDecoder::decode(TrunkFeatures, torch::Tensor context_NCHW, const DropoutDraw&) {
  const torch::Tensor features_NCHW = bot_aspp_.is_empty() ? context_NCHW : bot_aspp_(context_NCHW);
  return {.logits_NCHW = final_(features_NCHW), .aux_NCHW = {}, .features_NCHW = features_NCHW};
}

}  // namespace strata
