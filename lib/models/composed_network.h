#pragma once
// Every network here: a trunk, a decoder and a fusion of scales.

#include "models/network_recipe.h"

namespace strata {

// Its tensors have the names of the reference; weights are undefined until initialised or loaded.
class ComposedNetwork : public SegmentationModel {
 public:
  ComposedNetwork(const NetworkRecipe& recipe, const ModelOptions& options, const NormFactory& norm);

  TrainingOutputs forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) override;
  // InternalError in training mode: it would move the running statistics.
  InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override;
  const ModelOptions& options() const override { return options_; }

  // Trunk and decoder, at whatever size the images have.
  ScaleNetwork& scale() { return *scale_; }

 private:
  ModelOptions options_;
  std::shared_ptr<ScaleNetwork> scale_;
  std::unique_ptr<ScaleFusion> fusion_;
};

}  // namespace strata
