#pragma once
// Decoders of one resolution: a segmentation head, on the trunk's features or on ASPP.

#include "models/activation_checkpoint.h"
#include "models/aspp.h"
#include "models/decoder.h"

#include <string>

namespace strata {

class HeadDecoder : public Decoder {
 public:
  HeadDecoder(const DecoderSite& site, const std::string& name);
  torch::Tensor context(const TrunkFeatures& features) override { return features.last_NCHW; }
  DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) override;
  int64_t feature_channels() const override { return channels_; }

 private:
  int64_t channels_;
  Chain head_;
};

// DeepLabV3 (Chen et al. 2017): "aspp", "bot_aspp" (where narrowed), "final".
class AsppDecoder : public Decoder {
 public:
  enum class Width { kWhole, kNarrowed };  // what the head reads: all of ASPP, or 256 channels made of it
  AsppDecoder(const DecoderSite& site, Width width);
  torch::Tensor context(const TrunkFeatures& features) override { return checkpointed(aspp_, features.last_NCHW); }
  DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) override;
  int64_t feature_channels() const override { return channels_; }

 private:
  Aspp aspp_;
  Convolution bot_aspp_{nullptr};
  int64_t channels_;
  Chain final_{nullptr};
};

}  // namespace strata
