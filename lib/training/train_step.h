#pragma once
// One optimiser step: from this rank's part of a global batch to new weights.

#include "comm/communicator.h"
#include "distributed/batch_plan.h"
#include "distributed/gradient_reducer.h"
#include "loader/batch.h"
#include "models/segmentation_model.h"
#include "training/criterion.h"
#include "training/norm_statistics.h"
#include "training/optimizer.h"

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace strata {

// The same on every rank.
struct StepOutcome {
  double loss = 0;                      // of the global batch
  std::map<std::string, double> parts;  // weighted; add up to the loss
  double gradient_norm = 0;             // L2 over all parameters, before it was clipped
  bool skipped = false;                 // loss or gradient not finite: weights, momenta and running statistics are as before
};

class TrainStep {
 public:
  struct Options {
    BatchPlan plan;
    LossOptions loss;
    int num_classes = 19;
    int ignore_id = 255;
    double clip_norm = 0;  // of the gradient's L2 norm over all parameters; 0: none
  };
  // Collective. The model stands on `device` in training mode, with the same weights on every rank.
  TrainStep(SegmentationModel& model, Optimizer& optimizer, const Options& options, const Communicator& world,
            torch::Device device);

  // Collective. Several forward passes where the plan cuts the batch; gradients travel with the last.
  StepOutcome run(const Batch& batch, uint64_t epoch, double lr);

  // Seconds that this rank has waited for gradients of others.
  double waited_seconds() const { return reducer_.counters().waited_seconds; }

 private:
  LossScope scope_of(const torch::Tensor& labels_NHW, uint64_t epoch) const;
  Criterion::Terms forward(const Batch& batch, int64_t first, uint64_t epoch, const LossScope& scope);
  void sum_over_ranks(StepOutcome& outcome) const;
  std::vector<torch::Tensor> gradients() const;

  SegmentationModel& model_;
  Optimizer& optimizer_;
  Options options_;
  Communicator world_;
  torch::Device device_;
  Criterion criterion_;
  NormStatistics norm_statistics_;
  GradientReducer reducer_;
};

}  // namespace strata
