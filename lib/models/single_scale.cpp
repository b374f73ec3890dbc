#include "models/single_scale.h"

#include "base/error.h"
#include "models/joint_logits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strata {

InferenceOutputs infer_one_scale(ScaleNetwork& network, const torch::Tensor& images_NCHW, double scale,
                                 const BilinearResize& resize) {
  const torch::Tensor scaled_NCHW = resize(images_NCHW, scaled_size(images_NCHW, scale));
  const DropoutKeys none;
  JointLogits joint(resize, size_of(images_NCHW));
  joint.add({scale, size_of(scaled_NCHW), network.run(scaled_NCHW, DropoutDraw{none, ""}).logits_NCHW, {}});
  return {.pred_NCHW = joint.whole(), .attention_N1HW = {}};
}

SingleScale::SingleScale(const FusionSite& site)
    : network_(site.options.name), resize_(resize_of(site.options)), scale_(site.scale) {}

TrainingOutputs SingleScale::train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  const DecoderOutputs decoded = scale_->run(images_NCHW, DropoutDraw{keys, "1"});
  const ImageSize size = size_of(images_NCHW);
  TrainingOutputs outputs;
  outputs.pred_NCHW = resize_(decoded.logits_NCHW, size);
  if (decoded.aux_NCHW.defined()) outputs.aux_NCHW = resize_(decoded.aux_NCHW, size);
  return outputs;
}

InferenceOutputs SingleScale::infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  if (scales.size() != 1) {
    throw ConfigError(
        fmt::format("{} has no attention between scales: give one scale instead of {}", network_, fmt::join(scales, ",")));
  }
  return infer_one_scale(*scale_, images_NCHW, scales[0], resize_);
}

}  // namespace strata
