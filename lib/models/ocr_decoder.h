#pragma once
// The OCR block as a decoder.

#include "models/aspp.h"
#include "models/decoder.h"
#include "models/object_context.h"

namespace strata {

// "aspp" (optional), "ocr".
class OcrDecoder : public Decoder {
 public:
  enum class Input { kTrunk, kAspp };  // whose channels OCR works on
  OcrDecoder(const DecoderSite& site, Input input);
  torch::Tensor context(const TrunkFeatures& features) override;
  DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) override;
  int64_t feature_channels() const override { return channels_; }

 private:
  Aspp aspp_{nullptr};
  OcrBlock ocr_{nullptr};
  int64_t channels_;
};

}  // namespace strata
