#include "models/decoder.h"

#include "base/error.h"
#include "models/deeplab_plus_decoder.h"
#include "models/head_decoders.h"
#include "models/ocr_decoder.h"
#include "models/panoptic_decoder.h"

namespace strata {

std::unique_ptr<Decoder> make_decoder(DecoderName name, const DecoderSite& site) {
  switch (name) {
    case DecoderName::kOcr:
      return std::make_unique<OcrDecoder>(site, OcrDecoder::Input::kTrunk);
    case DecoderName::kAsppOcr:
      return std::make_unique<OcrDecoder>(site, OcrDecoder::Input::kAspp);
    case DecoderName::kSegHead:
      return std::make_unique<HeadDecoder>(site, "seg_head");
    case DecoderName::kClsHead:
      return std::make_unique<HeadDecoder>(site, "cls_head");
    case DecoderName::kAspp:
      return std::make_unique<AsppDecoder>(site, AsppDecoder::Width::kWhole);
    case DecoderName::kAsppBottleneck:
      return std::make_unique<AsppDecoder>(site, AsppDecoder::Width::kNarrowed);
    case DecoderName::kDeepLabPlus:
      return std::make_unique<DeepLabPlusDecoder>(site);
    case DecoderName::kPanoptic:
      return std::make_unique<PanopticDecoder>(site);
  }
  throw InternalError("a decoder without a class");
}

Chain make_seg_head(int64_t in_channels, int64_t channels, int64_t out_channels, const NormFactory& norm) {
  Chain head;
  head->add_conv_norm_relu(conv3x3(in_channels, channels), norm)
      .add_conv_norm_relu(conv3x3(channels, channels), norm)
      .add(Convolution(conv1x1(channels, out_channels)));
  return head;
}

}  // namespace strata
