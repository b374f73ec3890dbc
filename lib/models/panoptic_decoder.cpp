#include "models/panoptic_decoder.h"

#include "models/chain.h"

namespace strata {

namespace {

constexpr int64_t kChannels = 256, kFineChannels = 32, kMiddleChannels = 64;

ConvNorm register_up(const DecoderSite& site, const std::string& name, int64_t skip_channels) {
  return ConvNorm(register_group(site.network, name), {"conv", "bn"}, conv5x5(kChannels + skip_channels, kChannels), site.norm);
}

}  // namespace

PanopticDecoder::PanopticDecoder(const DecoderSite& site)
    : resize_(resize_of(site.options)),
      aspp_(site.network.register_module("aspp", Aspp(site.trunk.last, site.options.aspp_channels, site.norm))),
      convs2_(site.network.register_module("convs2", Convolution(conv1x1(site.trunk.fine, kFineChannels)))),
      convs4_(site.network.register_module("convs4", Convolution(conv1x1(site.trunk.middle, kMiddleChannels)))),
      conv_up1_(site.network.register_module("conv_up1", Convolution(conv1x1(aspp_->out_channels(), kChannels)))),
      conv_up2_(register_up(site, "conv_up2", kMiddleChannels)),
      conv_up3_(register_up(site, "conv_up3", kFineChannels)),
      conv_up5_(site.network.register_module("conv_up5", Convolution(conv1x1(kChannels, site.options.num_classes)))) {}

int64_t PanopticDecoder::feature_channels() const { return kChannels; }

DecoderOutputs PanopticDecoder::decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw&) {
  const auto join = [this](const torch::Tensor& coarse_NChw, const torch::Tensor& skip_NCHW) {
    return torch::cat({resize_(coarse_NChw, size_of(skip_NCHW)), skip_NCHW}, 1);
  };
  const torch::Tensor fine_NCHW = convs2_(features.fine_NCHW), middle_NCHW = convs4_(features.middle_NCHW);
  const torch::Tensor up_NCHW = conv_up2_.relu(join(conv_up1_(context_NCHW), middle_NCHW));
  DecoderOutputs outputs;
  outputs.features_NCHW = conv_up3_.relu(join(up_NCHW, fine_NCHW));
  outputs.logits_NCHW = conv_up5_(outputs.features_NCHW);
  return outputs;
}

}  // namespace strata
