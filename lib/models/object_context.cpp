#include "models/object_context.h"

#include <cmath>

namespace strata {

namespace {

// `layers` times convolution, norm, ReLU; the first one changes the number of channels.
Chain transform(int64_t in_channels, int64_t out_channels, int layers, const NormFactory& norm) {
  Chain chain;
  for (int i = 0; i < layers; ++i) {
    chain->add_conv_with_norm_relu(conv1x1(i == 0 ? in_channels : out_channels, out_channels), norm);
  }
  return chain;
}

// N x channels x positions; no copy for dense tensors.
torch::Tensor flat_positions(const torch::Tensor& x_NCHW) { return x_NCHW.flatten(2); }

// One vector a class: the mean of the features weighted by the class's spatial softmax (their equation 1). N x channels x C x 1.
torch::Tensor gather_objects(const torch::Tensor& features_NCHW, const torch::Tensor& aux_NCHW) {
  const torch::Tensor weights = flat_positions(aux_NCHW).softmax(2);
  return torch::matmul(flat_positions(features_NCHW), weights.transpose(1, 2)).unsqueeze(3);
}

}  // namespace

ObjectAttentionImpl::ObjectAttentionImpl(int64_t channels, const NormFactory& norm)
    : key_channels_(channels / 2),
      f_pixel_(register_module("f_pixel", transform(channels, key_channels_, 2, norm))),
      f_object_(register_module("f_object", transform(channels, key_channels_, 2, norm))),
      f_down_(register_module("f_down", transform(channels, key_channels_, 1, norm))),
      f_up_(register_module("f_up", transform(key_channels_, channels, 1, norm))) {}

torch::Tensor ObjectAttentionImpl::forward(const torch::Tensor& pixels_NCHW, const torch::Tensor& objects_NKC1) {
  const torch::Tensor query_NPK = flat_positions(f_pixel_(pixels_NCHW)).transpose(1, 2);
  const torch::Tensor key_NKC = flat_positions(f_object_(objects_NKC1));
  const torch::Tensor value_NCK = flat_positions(f_down_(objects_NKC1)).transpose(1, 2);
  const torch::Tensor likeness_NPC = torch::matmul(query_NPK, key_NKC) / std::sqrt(static_cast<double>(key_channels_));
  const torch::Tensor context_NPK = torch::matmul(likeness_NPC.softmax(2), value_NCK);
  const auto height = pixels_NCHW.size(2), width = pixels_NCHW.size(3);
  return f_up_(context_NPK.transpose(1, 2).unflatten(2, {height, width}));
}

ObjectContextHeadImpl::ObjectContextHeadImpl(const ModelOptions& options, const NormFactory& norm)
    : dropout_(options.dropout, options.seed) {
  const int64_t channels = options.ocr_channels;
  attention_ = register_module("object_context_block", ObjectAttention(channels, norm));
  conv_bn_dropout_ = register_module("conv_bn_dropout", transform(2 * channels, channels, 1, norm));
}

torch::Tensor ObjectContextHeadImpl::forward(const torch::Tensor& pixels_NCHW, const torch::Tensor& objects_NKC1,
                                             const DropoutDraw& draw) {
  const torch::Tensor context_NCHW = attention_(pixels_NCHW, objects_NKC1);
  const torch::Tensor joined_NCHW = conv_bn_dropout_(torch::cat({context_NCHW, pixels_NCHW}, 1));
  return is_training() ? dropout_.apply(joined_NCHW, draw) : joined_NCHW;
}

OcrBlockImpl::OcrBlockImpl(int64_t in_channels, const ModelOptions& options, const NormFactory& norm) {
  const int64_t channels = options.ocr_channels, classes = options.num_classes;
  conv3x3_ocr_ = register_module("conv3x3_ocr", Chain());
  conv3x3_ocr_->add_conv_with_norm_relu(conv3x3(in_channels, channels).biased(), norm);
  ocr_distri_head_ = register_module("ocr_distri_head", ObjectContextHead(options, norm));
  cls_head_ = register_module("cls_head", Convolution(conv1x1(channels, classes).biased()));
  aux_head_ = register_module("aux_head", Chain());
  aux_head_->add_conv_with_norm_relu(conv1x1(in_channels, in_channels).biased(), norm)
      .add(Convolution(conv1x1(in_channels, classes).biased()));
}

torch::Tensor OcrBlockImpl::by_pixels(const torch::Tensor& x_NCHW, const PixelFunction& function) const {
  return is_training() ? function(x_NCHW) : by_row_bands(x_NCHW, function);  // in training statistics are taken over all pixels
}

DecoderOutputs OcrBlockImpl::forward(torch::Tensor features_NCHW, const DropoutDraw& draw) {
  const torch::Tensor pixels_NCHW = conv3x3_ocr_(features_NCHW);
  DecoderOutputs outputs;
  outputs.aux_NCHW = by_pixels(features_NCHW, [&](const torch::Tensor& x) { return aux_head_(x); });
  features_NCHW.reset();
  const torch::Tensor objects_NKC1 = gather_objects(pixels_NCHW, outputs.aux_NCHW);
  outputs.features_NCHW = by_pixels(pixels_NCHW, [&](const torch::Tensor& x) { return ocr_distri_head_(x, objects_NKC1, draw); });
  outputs.logits_NCHW = cls_head_(outputs.features_NCHW);
  return outputs;
}

}  // namespace strata
