#pragma once
// Trunk and decoder: the network at one scale.

#include "models/decoder.h"

#include <memory>
#include <string_view>
#include <utility>

namespace strata {

struct ScaleNetwork {
  std::shared_ptr<Trunk> trunk;
  std::unique_ptr<Decoder> decoder;

  // Of images at the scale's size; outputs at the decoder's resolution. `draw` names the pass.
  DecoderOutputs run(const torch::Tensor& images_NCHW, const DropoutDraw& draw) {
    TrunkFeatures features = trunk->features(images_NCHW, draw);
    torch::Tensor context_NCHW = decoder->context(features);
    return decoder->decode(std::move(features), std::move(context_NCHW), draw);
  }
};

}  // namespace strata
