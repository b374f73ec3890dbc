#include "evaluation/inference.h"

#include "image/normalise.h"
#include "image/resize.h"
#include "loader/frame_reader.h"

#include <algorithm>

namespace strata {
namespace {

torch::Tensor frame_NCHW(const Image& frame, torch::Device device) {
  // The bytes are only read; from_blob wants a pointer without const.
  const torch::Tensor view =
      torch::from_blob(const_cast<uint8_t*>(frame.pixels.data()), {1, frame.height, frame.width, frame.channels}, torch::kUInt8);
  return normalise(view.to(device).permute({0, 3, 1, 2}));
}

}  // namespace

ImageOutputs infer_image(SegmentationModel& model, const Image& frame, const InferenceOptions& options, torch::Device device) {
  const torch::NoGradGuard no_gradient;
  const torch::Tensor images_NCHW = frame_NCHW(frame, device);
  InferenceOutputs upright = model.forward_inference(images_NCHW, options.scales);
  torch::Tensor logits_NCHW = upright.pred_NCHW;
  if (options.flip == InferenceOptions::Flip::kYes) {
    const InferenceOutputs mirrored = model.forward_inference(images_NCHW.flip({3}), options.scales);
    logits_NCHW = (mirrored.pred_NCHW.flip({3}) + logits_NCHW) / 2;
  }
  ImageOutputs outputs;
  outputs.logits_CHW = logits_NCHW.to(torch::kFloat32)[0];
  for (auto& [scale, attention_N1HW] : upright.attention_N1HW)
    outputs.attention_HW.emplace_back(scale, attention_N1HW.to(torch::kFloat32)[0][0]);
  return outputs;
}

LabelledImage read_labelled(const Dataset& dataset, size_t sample, int long_edge) {
  const Window all = whole(dataset.sample(sample));
  return resized_to_long_edge({read_frame(dataset, sample, all), read_labels(dataset, sample, all)}, long_edge);
}

LabelledImage resized_to_long_edge(LabelledImage image, int long_edge) {
  const int64_t height = image.frame.height, width = image.frame.width;
  const int64_t longer = std::max(height, width);
  if (long_edge == 0 || longer == long_edge) return image;
  const int new_height = std::max(1, static_cast<int>(height * long_edge / longer));
  const int new_width = std::max(1, static_cast<int>(width * long_edge / longer));
  return {resize(image.frame, new_height, new_width, Filter::kBilinear),
          resize(image.labels, new_height, new_width, Filter::kNearest)};
}

}  // namespace strata
