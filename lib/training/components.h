#pragma once
// What a run works with: data, network, optimiser, step.

#include "comm/communicator.h"
#include "data/dataset.h"
#include "distributed/batch_plan.h"
#include "loader/training_loader.h"
#include "models/segmentation_model.h"
#include "training/checkpoint_store.h"
#include "training/optimizer.h"
#include "training/settings.h"
#include "training/train_step.h"
#include "training/trainer.h"

#include <torch/types.h>

#include <memory>
#include <optional>

namespace strata {

// Collective, before the first use of Torch. Device, threads and determinism of this process, logged for each rank; gives what
// the bits depend on.
struct Machine {
  torch::Device device = torch::kCPU;
  Settings platform;
};
Machine prepare_machine(const TrainingOptions& options, const Communicator& world);

struct Components {
  BatchPlan plan;
  std::shared_ptr<const Dataset> training_data, validation_data;
  std::unique_ptr<TrainingLoader> loader;
  std::shared_ptr<SegmentationModel> model;  // on the device, in training mode
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<TrainStep> step;
  std::string initial_sha256;  // of the weights by seed; empty where they come from a checkpoint
};

// Collective. Weights and momenta are those of the checkpoint or, without one, a function of the seed. Errors are the same on
// every rank: ConfigError where options do not fit ranks or data, FormatError where the checkpoint does not fit the network, and
// those of Dataset.
Components make_components(const TrainingOptions& options, const std::optional<Checkpoint>& checkpoint, torch::Device device,
                           const Communicator& world);

}  // namespace strata
