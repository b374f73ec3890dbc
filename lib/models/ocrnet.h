#pragma once
// HRNet with the OCR head, at one scale or with attention between scales.

#include "models/hrnet.h"
#include "models/object_context.h"
#include "models/scale_attention.h"
#include "models/segmentation_model.h"

namespace strata {

// "ocrnet.HRNet": one scale (Yuan, Chen, Wang 2020). Inference takes exactly one scale, ConfigError otherwise.
class OcrNet : public SegmentationModel {
 public:
  explicit OcrNet(const ModelOptions& options, const NormFactory& norm);

  TrainingOutputs forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;
  const ModelOptions& options() const override { return options_; }

 protected:
  // Trunk and head at the size of the images given; outputs at a quarter of it. `scale` names the pass.
  OcrOutputs run(const torch::Tensor& images_NCHW, const DropoutKeys& keys, std::string_view scale);
  const BilinearResize& resize() const { return resize_; }

 private:
  ModelOptions options_;
  BilinearResize resize_;
  Hrnet backbone_{nullptr};
  OcrBlock ocr_{nullptr};
};

// "ocrnet.HRNet_Mscale": the network of Tao, Sapra, Catanzaro 2020, "Hierarchical Multi-Scale Attention for Semantic
// Segmentation".
//
// With l_s the logits of scale s and a_s its attention, U resizing to the size of the joint prediction: joining scale s < 1 gives
// U(a_s l_s) + (1 - U(a_s)) pred, the product formed before the resize; joining s >= 1 gives a_s l_s + (1 - a_s) U(pred). The
// paper's attention is that of the lower of two scales, as here.
class MultiScaleOcrNet : public OcrNet {
 public:
  MultiScaleOcrNet(const ModelOptions& options, const NormFactory& norm);

  TrainingOutputs forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;

 private:
  ScaleAttention scale_attn_{nullptr};
};

}  // namespace strata
