#include "models/composed_network.h"

#include "base/error.h"

namespace strata {

ComposedNetwork::ComposedNetwork(const NetworkRecipe& recipe, const ModelOptions& options, const NormFactory& norm)
    : options_(options), scale_(std::make_shared<ScaleNetwork>()) {
  scale_->trunk = register_module(recipe.trunk_tensors, make_trunk(recipe.trunk, options_, norm));
  scale_->decoder = make_decoder(recipe.decoder, {*this, scale_->trunk->channels(), options_, norm});
  // Building the wide ResNet turns all dropout of the reference's networks into that of channels (reference.md 1.11, row 18).
  const bool channels = recipe.trunk == TrunkName::kWideResnet38;
  const auto drops = channels ? KeyedDropout::Drops::kChannels : KeyedDropout::Drops::kElements;
  fusion_ = make_fusion(recipe.fusion, {*this, scale_, drops, options_, norm});
}

TrainingOutputs ComposedNetwork::forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) {
  return fusion_->train(images_NCHW, keys);
}

InferenceOutputs ComposedNetwork::forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) {
  if (is_training()) throw InternalError("inference with a network in training mode would move its running statistics");
  const torch::NoGradGuard no_gradients;
  return fusion_->infer(images_NCHW, scales);
}

}  // namespace strata
