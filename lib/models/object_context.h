#pragma once
// The OCR block (Yuan, Chen, Wang 2020, "Object-Contextual Representations for Semantic Segmentation").

#include "models/chain.h"
#include "models/decoder.h"
#include "models/keyed_dropout.h"
#include "models/row_bands.h"

namespace strata {

// Every pixel looks at one vector per class and takes the classes' mean weighted by likeness (their equations 2 and 3).
class ObjectAttentionImpl : public torch::nn::Module {
 public:
  ObjectAttentionImpl(int64_t channels, const NormFactory& norm);
  // pixels: N x channels x H x W, objects: N x channels x C x 1; returns as pixels.
  torch::Tensor forward(const torch::Tensor& pixels_NCHW, const torch::Tensor& objects_NKC1);

 private:
  int64_t key_channels_;
  Chain f_pixel_, f_object_, f_down_, f_up_;
};
TORCH_MODULE(ObjectAttention);

// Context joined with the pixel's own features.
class ObjectContextHeadImpl : public torch::nn::Module {
 public:
  ObjectContextHeadImpl(const ModelOptions& options, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& pixels_NCHW, const torch::Tensor& objects_NKC1, const DropoutDraw& draw);

 private:
  ObjectAttention attention_{nullptr};
  Chain conv_bn_dropout_;
  KeyedDropout dropout_;
};
TORCH_MODULE(ObjectContextHead);

// Outputs at the resolution of the features: ocr_channels of them are what the scale attention reads. The auxiliary logits are
// the coarse ones whose spatial softmax gathers the class vectors; they are not detached.
class OcrBlockImpl : public torch::nn::Module {
 public:
  OcrBlockImpl(int64_t in_channels, const ModelOptions& options, const NormFactory& norm);
  // Takes the features: where nobody else holds them, they are freed as soon as they have been read.
  DecoderOutputs forward(torch::Tensor features_NCHW, const DropoutDraw& draw);

 private:
  torch::Tensor by_pixels(const torch::Tensor& x_NCHW, const PixelFunction& function) const;

  Chain conv3x3_ocr_, aux_head_;
  ObjectContextHead ocr_distri_head_{nullptr};
  Convolution cls_head_{nullptr};
};
TORCH_MODULE(OcrBlock);

}  // namespace strata
