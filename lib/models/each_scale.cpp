#include "models/each_scale.h"

namespace strata {

EachScale run_each_scale(ScaleNetwork& network, const ScaledImages& input, const BilinearResize& resize) {
  const ImageSize full = size_of(input.images_NCHW);
  EachScale each;
  const auto run = [&](double scale) {
    const torch::Tensor scaled_NCHW = resize(input.images_NCHW, scaled_size(input.images_NCHW, scale));
    const std::string name = pass_name(scale);
    const DecoderOutputs decoded = network.run(scaled_NCHW, DropoutDraw{input.keys, name});
    const torch::Tensor logits_NCHW = resize(resize(decoded.logits_NCHW, size_of(scaled_NCHW)), full);
    const auto one = each.find(1);
    const ImageSize features = size_of(one == each.end() ? decoded.features_NCHW : one->second.features_NCHW);
    each[scale] = {logits_NCHW, resize(decoded.features_NCHW, features)};
  };
  run(1);  // first: the running statistics of norms depend on the order
  for (const double scale : input.scales) {
    if (scale != 1) run(scale);
  }
  return each;
}

}  // namespace strata
