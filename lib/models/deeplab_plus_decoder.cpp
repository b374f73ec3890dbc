#include "models/deeplab_plus_decoder.h"

namespace strata {

namespace {
constexpr int64_t kFineChannels = 48, kContextChannels = 256;
}

DeepLabPlusDecoder::DeepLabPlusDecoder(const DecoderSite& site)
    : resize_(resize_of(site.options)),
      aspp_(site.network.register_module("aspp", Aspp(site.trunk.last, site.options.aspp_channels, site.norm))),
      bot_fine_(site.network.register_module("bot_fine", Convolution(conv1x1(site.trunk.fine, kFineChannels)))),
      bot_aspp_(site.network.register_module("bot_aspp", Convolution(conv1x1(aspp_->out_channels(), kContextChannels)))),
      final_(site.network.register_module(
          "final", make_seg_head(feature_channels(), site.options.attention_channels, site.options.num_classes, site.norm))) {}

int64_t DeepLabPlusDecoder::feature_channels() const { return kFineChannels + kContextChannels; }

DecoderOutputs DeepLabPlusDecoder::decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw&) {
  const torch::Tensor fine_NCHW = bot_fine_(features.fine_NCHW);
  const torch::Tensor context_NChw = bot_aspp_(context_NCHW);
  const torch::Tensor joined_NCHW = torch::cat({fine_NCHW, resize_(context_NChw, size_of(fine_NCHW))}, 1);
  return {.logits_NCHW = final_(joined_NCHW), .aux_NCHW = {}, .features_NCHW = joined_NCHW};
}

}  // namespace strata
