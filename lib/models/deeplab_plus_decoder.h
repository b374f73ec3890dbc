#pragma once
// DeepLabV3+ (Chen et al. 2018, "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation").

#include "models/activation_checkpoint.h"
#include "models/aspp.h"
#include "models/decoder.h"

namespace strata {

// 256 channels made of ASPP, resized to the trunk's fine features and put behind 48 channels made of those; then a segmentation
// head. "aspp", "bot_fine", "bot_aspp", "final".
class DeepLabPlusDecoder : public Decoder {
 public:
  explicit DeepLabPlusDecoder(const DecoderSite& site);
  torch::Tensor context(const TrunkFeatures& features) override { return checkpointed(aspp_, features.last_NCHW); }
  DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) override;
  int64_t feature_channels() const override;

 private:
  BilinearResize resize_;
  Aspp aspp_;
  Convolution bot_fine_, bot_aspp_;
  Chain final_;
};

}  // namespace strata
