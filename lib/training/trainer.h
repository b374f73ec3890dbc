#pragma once
// A run: directory, state, loop. The same call again continues where it stood.

#include "base/error.h"
#include "comm/communicator.h"
#include "comm/stop.h"
#include "comm/watchdog.h"
#include "loader/training_loader.h"
#include "models/activation_checkpoint.h"
#include "models/autocast.h"
#include "models/segmentation_model.h"
#include "run/settings.h"
#include "training/checkpoint_store.h"
#include "training/criterion.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/start_weights.h"
#include "training/validation.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace strata {

struct TrainingOptions {
  std::filesystem::path data;   // dataset directory
  std::filesystem::path stage;  // folder on each node's own disk that its shards are copied to; empty: read in place
  std::filesystem::path run;    // run directory
  std::string train_split = "train";
  std::string validation_split = "val";
  uint64_t seed = 0;         // of everything that is drawn: initial weights, order, augmentation, dropout
  int global_batch = 2;      // samples of an optimiser step over all ranks
  int micro_batch = 0;       // samples of one forward on one rank; 0: global_batch / ranks
  int norm_group = 0;        // samples that share batch statistics; 0: the global batch
  int threads_per_rank = 0;  // of Torch; 0: the cores this rank may use
  std::string device = "auto";
  Precision precision = Precision::kFp32;        // of the network in training; validation is fp32
  Activations activations = Activations::kKept;  // in training
  bool deterministic = true;                     // on GPUs as far as LibTorch can; on CPUs always
  ModelOptions model;                            // num_classes comes from the dataset, the seed from above
  StartOptions start;                            // what a new run starts from beside the seed
  LossOptions loss;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  TrainingLoaderOptions loader;  // seed and global_batch above are copied into it
  ValidationOptions validation;
  CheckpointOptions checkpoint;  // beside these, checkpoints are written after each validation and at each stop
  StopOptions stop;
  WatchdogOptions watchdog;
  std::string resolved_config;  // the whole configuration as INI, written to config.ini
  std::string versions;         // of the program and its libraries, a line each, for run.json
  Settings immutable;           // everything that may not change on resume, compared with what the run was begun with
};

// Collective. kDone when the last epoch is complete (also when it already was), kResume (75) when stopped early with a committed
// checkpoint; throws otherwise, the same error on every rank. The sequence of weights is a function of the options and the
// dataset alone, and a continued run has the bits of a straight one on the same build, instruction set, ranks and threads per
// rank.
ExitCode train(const TrainingOptions& options, const Communicator& world);

}  // namespace strata
