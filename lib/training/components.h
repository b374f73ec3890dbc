#pragma once
// What a run works with: data, network, optimiser, step.

#include "comm/communicator.h"
#include "data/dataset.h"
#include "distributed/batch_plan.h"
#include "loader/training_loader.h"
#include "models/segmentation_model.h"
#include "run/settings.h"
#include "training/checkpoint_store.h"
#include "training/optimizer.h"
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
  std::string initial_sha256;  // of the weights that a new run begins with; empty where they come from a checkpoint
};

// Where weights and momenta come from. Neither: a function of the seed.
struct Origin {
  std::optional<Checkpoint> checkpoint;  // of this run
  std::optional<Checkpoint> start;       // of a new run (training/start_weights.h)
};

// Collective. Errors are the same on every rank: ConfigError where options do not fit ranks or data, FormatError where the origin
// does not fit the network, and those of Dataset.
Components make_components(const TrainingOptions& options, const Origin& origin, torch::Device device, const Communicator& world);

}  // namespace strata
