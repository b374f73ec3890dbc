#pragma once
// The decoder of Panoptic-DeepLab (Cheng et al. 2020), as the reference's "Deeper" networks have it.

#include "models/activation_checkpoint.h"
#include "models/aspp.h"
#include "models/decoder.h"

namespace strata {

// ASPP is resized to the trunk's middle features and joined with them, then the same with the fine ones; a 5x5 convolution after
// each. "aspp", "convs2", "convs4", "conv_up1", "conv_up2", "conv_up3", "conv_up5". The reference doubles sizes and fails where a
// side is no multiple of 8; here the skip connections say the size, which is the same for those that are.
class PanopticDecoder : public Decoder {
 public:
  explicit PanopticDecoder(const DecoderSite& site);
  torch::Tensor context(const TrunkFeatures& features) override { return checkpointed(aspp_, features.last_NCHW); }
  DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) override;
  int64_t feature_channels() const override;

 private:
  BilinearResize resize_;
  Aspp aspp_;
  Convolution convs2_, convs4_, conv_up1_;
  ConvNorm conv_up2_, conv_up3_;
  Convolution conv_up5_{nullptr};
};

}  // namespace strata
