#include "models/ocrnet.h"

#include "base/error.h"
#include "models/activation_checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <functional>
#include <utility>

namespace strata {

namespace {

constexpr double kLowScale = 0.5;  // of the two that training sees

BilinearResize resize_of(const ModelOptions& options) {
  return BilinearResize(options.align_corners ? BilinearResize::Corners::kAligned : BilinearResize::Corners::kFree);
}

void require_inference_mode(const torch::nn::Module& model) {
  if (model.is_training()) throw InternalError("inference with a network in training mode would move its running statistics");
}

torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other) {
  return attended + (1 - attention) * other;
}

}  // namespace

OcrNet::OcrNet(const ModelOptions& options, const NormFactory& norm) : options_(options), resize_(resize_of(options)) {
  backbone_ = register_module("backbone", Hrnet(hrnet_structure(options.width), norm, resize_));
  ocr_ = register_module("ocr", OcrBlock(backbone_->out_channels(), options, norm));
}

OcrOutputs OcrNet::run(const torch::Tensor& images_NCHW, const DropoutKeys& keys, std::string_view scale) {
  const auto head = [this, keys, layer = std::string(scale)](const TensorList& features) {
    const OcrOutputs ocr = ocr_(features[0], DropoutDraw{keys, layer});
    return TensorList{ocr.logits_NCHW, ocr.aux_NCHW, ocr.features_NCHW};
  };
  const TensorList outputs = checkpointed(*ocr_, {backbone_(images_NCHW)}, head);
  return {outputs[0], outputs[1], outputs[2]};
}

TrainingOutputs OcrNet::forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  const OcrOutputs ocr = run(images_NCHW, keys, "1");
  const ImageSize size = size_of(images_NCHW);
  TrainingOutputs outputs;
  outputs.pred_NCHW = resize_(ocr.logits_NCHW, size);
  outputs.aux_NCHW = resize_(ocr.aux_NCHW, size);
  return outputs;
}

InferenceOutputs OcrNet::forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  require_inference_mode(*this);
  if (scales.size() != 1) {
    throw ConfigError(
        fmt::format("{} has no attention between scales: give one scale instead of {}", options_.name, fmt::join(scales, ",")));
  }
  const torch::NoGradGuard no_gradients;
  const torch::Tensor scaled_NCHW = resize_(images_NCHW, scaled_size(images_NCHW, scales[0]));
  const torch::Tensor logits_NCHW = resize_(run(scaled_NCHW, {}, "").logits_NCHW, size_of(scaled_NCHW));
  return {.pred_NCHW = resize_(logits_NCHW, size_of(images_NCHW)), .attention_N1HW = {}};
}

MultiScaleOcrNet::MultiScaleOcrNet(const ModelOptions& options, const NormFactory& norm) : OcrNet(options, norm) {
  scale_attn_ = register_module("scale_attn", ScaleAttention(options.ocr_channels, options.attention_channels, norm));
}

TrainingOutputs MultiScaleOcrNet::forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  const torch::Tensor low_NCHW = resize()(images_NCHW, scaled_size(images_NCHW, kLowScale));
  const ImageSize full = size_of(images_NCHW), half = size_of(low_NCHW);
  const auto to_full = [&](const torch::Tensor& x) { return resize()(x, full); };
  const auto to_half = [&](const torch::Tensor& x) { return resize()(x, half); };

  const OcrOutputs low = run(low_NCHW, keys, "0.5");
  const torch::Tensor attention_N1hw = to_half(scale_attn_(low.features_NCHW));
  const OcrOutputs high = run(images_NCHW, keys, "1");
  if (is_training()) scale_attn_->observe(high.features_NCHW);

  const torch::Tensor low_logits_NChw = to_half(low.logits_NCHW), attention_N1HW = to_full(attention_N1hw);
  const torch::Tensor low_aux_NChw = to_half(low.aux_NCHW);
  TrainingOutputs outputs;
  outputs.pred_lo_NCHW = to_full(low_logits_NChw);
  outputs.pred_hi_NCHW = to_full(high.logits_NCHW);
  outputs.pred_NCHW = blend(attention_N1HW, to_full(attention_N1hw * low_logits_NChw), outputs.pred_hi_NCHW);
  outputs.aux_NCHW = blend(attention_N1HW, to_full(attention_N1hw * low_aux_NChw), to_full(high.aux_NCHW));
  return outputs;
}

namespace {

// Largest first, which is the order of joining.
std::vector<double> joining_order(std::vector<double> scales) {
  std::sort(scales.begin(), scales.end(), std::greater<>());
  const bool usable = scales.size() == 1 || std::find(scales.begin(), scales.end(), 1.0) != scales.end();
  if (scales.empty() || !(scales.back() > 0) || !usable) {
    throw ConfigError(fmt::format("scales {}: give positive ones with 1 among them, or a single one", fmt::join(scales, ",")));
  }
  return scales;
}

}  // namespace

InferenceOutputs MultiScaleOcrNet::forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  require_inference_mode(*this);
  const torch::NoGradGuard no_gradients;
  InferenceOutputs outputs;
  torch::Tensor& pred = outputs.pred_NCHW;
  for (const double scale : joining_order(scales)) {
    const torch::Tensor scaled_NCHW = resize()(images_NCHW, scaled_size(images_NCHW, scale));
    const ImageSize size = size_of(scaled_NCHW);
    const OcrOutputs ocr = run(scaled_NCHW, {}, "");
    const torch::Tensor logits_NCHW = resize()(ocr.logits_NCHW, size);
    if (!pred.defined()) {
      pred = logits_NCHW;
      continue;
    }
    const torch::Tensor attention_N1HW = resize()(scale_attn_(ocr.features_NCHW), size);
    if (scale >= 1) pred = resize()(pred, size);
    const ImageSize joint = size_of(pred);
    pred = blend(resize()(attention_N1HW, joint), resize()(attention_N1HW * logits_NCHW, joint), pred);
    outputs.attention_N1HW.emplace_back(scale, resize()(attention_N1HW, size_of(images_NCHW)));
  }
  pred = resize()(pred, size_of(images_NCHW));
  return outputs;
}

}  // namespace strata
