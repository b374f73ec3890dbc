#include "models/each_scale.h"

#include "models/joint_logits.h"

#include <utility>

namespace strata {

EachScale run_each_scale(ScaleNetwork& network, const ScaledImages& input, const BilinearResize& resize) {
  const ImageSize full = size_of(input.images_NCHW);
  EachScale each;
  const auto run = [&](double scale) {
    const torch::Tensor scaled_NCHW = resize(input.images_NCHW, scaled_size(input.images_NCHW, scale));
    const std::string name = pass_name(scale);
    const DecoderOutputs decoded = network.run(scaled_NCHW, DropoutDraw{input.keys, name});
    const torch::Tensor logits_NCHW = resize(resize(at_least_fp32(decoded.logits_NCHW), size_of(scaled_NCHW)), full);
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

WeighedScales weigh(const EachScale& each, const std::vector<double>& scales, std::vector<torch::Tensor> weights_N1HW) {
  WeighedScales weighed;
  for (size_t i = 0; i < scales.size(); ++i) {
    const torch::Tensor logits_NCHW = each.at(scales[i]).logits_NCHW;
    const torch::Tensor attended_NCHW = logits_NCHW * weights_N1HW[i];
    weighed.pred_NCHW = weighed.pred_NCHW.defined() ? weighed.pred_NCHW + attended_NCHW : attended_NCHW;
    weighed.logits_NCHW.emplace_back(scales[i], logits_NCHW);
    weighed.attention_N1HW.emplace_back(scales[i], std::move(weights_N1HW[i]));
  }
  return weighed;
}

}  // namespace strata
