#pragma once
// Trunk and decoder: the network at one scale.

#include "models/decoder.h"

#include <memory>
#include <string_view>

namespace strata {

struct ScaleNetwork {
  std::shared_ptr<Trunk> trunk;
  std::unique_ptr<Decoder> decoder;

  // Of images at the scale's size; outputs at the decoder's resolution. `draw` names the pass.
  DecoderOutputs run(const torch::Tensor& images_NCHW, const DropoutDraw& draw) {
    const TrunkFeatures features = trunk->features(images_NCHW, draw);
    return decoder->decode(features, decoder->context(features), draw);
  }
};

}  // namespace strata
