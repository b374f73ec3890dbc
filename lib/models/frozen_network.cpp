#include "models/frozen_network.h"

#include "base/error.h"
#include "base/memory.h"
#include "models/convolution.h"

#include <torch/types.h>

namespace strata {

void freeze(SegmentationModel& model, torch::Dtype type) {
  if (model.is_training()) throw InternalError("a network in training mode cannot be frozen: its running statistics still move");
  for (const auto& module : model.modules()) {
    if (auto* convolution = module->as<ConvolutionImpl>()) convolution->freeze(type);
  }
  give_back_freed_memory();
}

}  // namespace strata
