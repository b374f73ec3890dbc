#pragma once
// The validation split through the network as it stands.

#include "comm/communicator.h"
#include "data/dataset.h"
#include "evaluation/confusion.h"
#include "evaluation/evaluator.h"
#include "models/segmentation_model.h"

#include <torch/types.h>

#include <functional>
#include <optional>
#include <vector>

namespace strata {

struct ValidationOptions {
  int every_epochs = 1;  // also after the last step; larger: faster, best weights coarser; 0: after the last step only
  std::vector<double> scales = {0.5, 1.0};  // without flip
  int long_edge = 0;                        // px: as of InferenceOptions; 0: images as stored
};

struct ValidationResult {
  Metrics metrics;
  double loss = 0;  // per valid pixel
};

// Collective. The whole split, each image once. Nothing where `stop` (collective, asked between images) said so.
std::optional<ValidationResult> validate(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                                         const Communicator& world, torch::Device device, const EvaluationHooks& hooks);

// Collective. One image of the largest size through the network, so that a lack of memory shows at once and not after an epoch:
// ConfigError (78) then.
void try_largest_image(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                       const Communicator& world, torch::Device device);

}  // namespace strata
