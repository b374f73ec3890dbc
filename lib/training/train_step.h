#pragma once
// One optimiser step: from this rank's part of a global batch to new weights.

#include "comm/communicator.h"
#include "distributed/batch_plan.h"
#include "distributed/gradient_reducer.h"
#include "loader/batch.h"
#include "models/activation_checkpoint.h"
#include "models/autocast.h"
#include "models/segmentation_model.h"
#include "training/criterion.h"
#include "training/loss_scale.h"
#include "training/norm_statistics.h"
#include "training/optimizer.h"

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace strata {

// The same on every rank.
struct StepOutcome {
  double loss = 0;                      // of the global batch
  std::map<std::string, double> parts;  // weighted; add up to the loss
  double gradient_norm = 0;             // L2 over all parameters, before it was clipped
  bool skipped = false;                 // loss or gradient not finite: weights, momenta and running statistics are as before
  bool overflowed = false;              // skipped, but a smaller loss scale can help, and the next step has it
};

class TrainStep {
 public:
  struct Options {
    BatchPlan plan;
    LossOptions loss;
    int num_classes = 19;
    int ignore_id = 255;
    double clip_norm = 0;                          // of the gradient's L2 norm over all parameters; 0: none
    Precision precision = Precision::kFp32;        // of the network's forward and backward pass; losses and weights are fp32
    Activations activations = Activations::kKept;  // changes memory and time, not numbers
    std::optional<LossScale> loss_scale = {};      // where a fp16 run stood; nothing: as one begins
  };
  // Collective. The model stands on `device` in training mode, with the same weights on every rank.
  TrainStep(SegmentationModel& model, Optimizer& optimizer, const Options& options, const Communicator& world,
            torch::Device device);

  // Collective. Several forward passes where the plan cuts the batch; gradients travel with the last.
  StepOutcome run(const Batch& batch, uint64_t epoch, double lr);

  // Of the next step; nothing but in fp16. The same on every rank.
  std::optional<LossScale> loss_scale() const { return loss_scale_; }

  // Seconds that this rank has waited for gradients of others.
  double waited_seconds() const { return reducer_.counters().waited_seconds; }

 private:
  LossScope scope_of(const torch::Tensor& labels_NHW, uint64_t epoch) const;
  Criterion::Terms forward(const Batch& batch, int64_t first, uint64_t epoch, const LossScope& scope);
  TrainingOutputs outputs_of(const torch::Tensor& images_NCHW, const DropoutKeys& keys) const;
  void sum_over_ranks(StepOutcome& outcome) const;
  void update_loss_scale(StepOutcome& outcome);
  std::vector<torch::Tensor> gradients() const;

  SegmentationModel& model_;
  Optimizer& optimizer_;
  Options options_;
  Communicator world_;
  torch::Device device_;
  Criterion criterion_;
  std::optional<LossScale> loss_scale_;
  NormStatistics norm_statistics_;
  GradientReducer reducer_;
};

}  // namespace strata
