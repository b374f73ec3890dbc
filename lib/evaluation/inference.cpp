#include "evaluation/inference.h"

#include "base/error.h"
#include "image/crop.h"
#include "image/normalise.h"
#include "image/resize.h"
#include "loader/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

torch::Tensor frame_NCHW(const Image& frame, torch::Device device) {
  // The bytes are only read; from_blob wants a pointer without const.
  const torch::Tensor view =
      torch::from_blob(const_cast<uint8_t*>(frame.pixels.data()), {1, frame.height, frame.width, frame.channels}, torch::kUInt8);
  return normalise(view.to(device).permute({0, 3, 1, 2}));
}

// The part of the resized image that a window shows; `fill` where it reaches beyond.
Image resized_part(const Image& image, const ResizePlan& plan, const Window& window, uint8_t fill) {
  const Window seen = intersection(window, {0, 0, plan.height, plan.width});
  Image part(window.height, window.width, image.channels, fill);
  paste(part, resize_window(image, {0, 0, image.height, image.width}, plan, seen), seen.y - window.y, seen.x - window.x);
  return part;
}

}  // namespace

ImageOutputs infer_image(SegmentationModel& model, const Image& frame, const InferenceOptions& options, torch::Device device) {
  const torch::NoGradGuard no_gradient;
  const torch::Tensor images_NCHW = frame_NCHW(frame, device);
  InferenceOutputs upright = model.forward_inference(images_NCHW, options.scales);
  torch::Tensor logits_NCHW = upright.pred_NCHW;
  if (options.flip == InferenceOptions::Flip::kYes) {
    const InferenceOutputs mirrored = model.forward_inference(images_NCHW.flip({3}), options.scales);
    logits_NCHW.add_(mirrored.pred_NCHW.flip({3})).mul_(0.5);
  }
  ImageOutputs outputs;
  outputs.logits_CHW = logits_NCHW.to(torch::kFloat32)[0];
  for (auto& [scale, attention_N1HW] : upright.attention_N1HW)
    outputs.attention_HW.emplace_back(scale, attention_N1HW.to(torch::kFloat32)[0][0]);
  return outputs;
}

LabelledImage read_labelled(const Dataset& dataset, size_t sample, const InferenceOptions& options) {
  if (options.long_edge > 0 && options.centre_crop > 0) {
    throw InternalError(fmt::format("images at a longer edge of {} px and cut to {} px: only one of the two can be",
                                    options.long_edge, options.centre_crop));
  }
  const Window all = whole(dataset.sample(sample));
  LabelledImage image{read_frame(dataset, sample, all), read_labels(dataset, sample, all)};
  if (options.centre_crop > 0) return centre_cropped(image, options.centre_crop, dataset.labels().ignore_id);
  return resized_to_long_edge(std::move(image), options.long_edge);
}

ImageSize size_at_long_edge(int height, int width, int long_edge) {
  const int longer = std::max(height, width);
  if (long_edge == 0 || longer == long_edge) return {height, width};
  const double factor = static_cast<double>(long_edge) / longer;
  return {std::max(1, static_cast<int>(height * factor)), std::max(1, static_cast<int>(width * factor))};
}

LabelledImage resized_to_long_edge(LabelledImage image, int long_edge) {
  const ImageSize stored{image.frame.height, image.frame.width},
      wanted = size_at_long_edge(stored.height, stored.width, long_edge);
  if (wanted == stored) return image;
  return {resize(image.frame, wanted.height, wanted.width, Filter::kBilinear),
          resize(image.labels, wanted.height, wanted.width, Filter::kNearest)};
}

LabelledImage centre_cropped(const LabelledImage& image, int edge, uint8_t ignore_id) {
  const int height = image.frame.height, width = image.frame.width;
  // In this order of operations, as its truncation may depend on it; halves of the margin go to the even number.
  const int new_width = std::max(1, static_cast<int>(static_cast<double>(width) / height * edge));
  const int left = static_cast<int>(std::nearbyint((new_width - edge) / 2.0));
  const Window square{0, left, edge, edge};
  return {resized_part(image.frame, {height, width, edge, new_width, Filter::kBicubic}, square, 0),
          resized_part(image.labels, {height, width, edge, new_width, Filter::kNearest}, square, ignore_id)};
}

}  // namespace strata
