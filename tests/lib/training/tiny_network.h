#pragma once
// A network that takes milliseconds and has what training meets: norms, an auxiliary head, predictions of two scales.

#include "models/segmentation_model.h"

#include <torch/nn/modules/conv.h>

namespace strata::testing {

class TinyNetwork : public SegmentationModel {
 public:
  explicit TinyNetwork(const NormFactory& norm, int num_classes = 3) {
    options_.num_classes = num_classes;
    torch::manual_seed(7);
    stem_ = register_module("stem", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 6, 3).padding(1).bias(false)));
    norm_ = norm(6);
    register_module("norm", norm_.ptr());
    main_ = register_module("main", torch::nn::Conv2d(torch::nn::Conv2dOptions(6, num_classes, 1)));
    aux_ = register_module("aux", torch::nn::Conv2d(torch::nn::Conv2dOptions(6, num_classes, 1)));
  }

  TrainingOutputs forward_training(const torch::Tensor& images_NCHW, const DropoutKeys&) override {
    const torch::Tensor features = torch::relu(norm_.forward(stem_(images_NCHW)));
    const torch::Tensor pred = main_(features);
    return {.pred_NCHW = pred, .aux_NCHW = aux_(features), .pred_scales_NCHW = {{0.5, pred * 0.5}, {1, pred * 2}}};
  }

  InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>&) override {
    return {main_(torch::relu(norm_.forward(stem_(images_NCHW)))), {}};
  }

  const ModelOptions& options() const override { return options_; }

 private:
  ModelOptions options_;
  torch::nn::Conv2d stem_{nullptr}, main_{nullptr}, aux_{nullptr};
  NormModule norm_;
};

}  // namespace strata::testing
