#include "models/ocr_decoder.h"

#include "models/activation_checkpoint.h"

#include <string>
#include <utility>

namespace strata {

OcrDecoder::OcrDecoder(const DecoderSite& site, Input input) : channels_(site.options.ocr_channels) {
  int64_t in_channels = site.trunk.last;
  if (input == Input::kAspp) {
    aspp_ = site.network.register_module("aspp", Aspp(in_channels, site.options.aspp_channels, site.norm));
    in_channels = aspp_->out_channels();
  }
  ocr_ = site.network.register_module("ocr", OcrBlock(in_channels, site.options, site.norm));
}

torch::Tensor OcrDecoder::context(const TrunkFeatures& features) {
  return aspp_.is_empty() ? features.last_NCHW : checkpointed(aspp_, features.last_NCHW);
}

DecoderOutputs OcrDecoder::decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) {
  features = {};  // the head lets go of the context as soon as it can, and this may be the same tensor
  const auto head = [this, keys = draw.keys, layer = std::string(draw.layer)](TensorList context) {
    DecoderOutputs ocr = ocr_(std::move(context[0]), DropoutDraw{keys, layer});
    return TensorList{ocr.logits_NCHW, ocr.aux_NCHW, ocr.features_NCHW};
  };
  TensorList inputs;
  inputs.push_back(std::move(context_NCHW));
  const TensorList outputs = checkpointed(*ocr_, std::move(inputs), head);
  return {.logits_NCHW = outputs[0], .aux_NCHW = outputs[1], .features_NCHW = outputs[2]};
}

}  // namespace strata
