#include "training/train_step.h"

#include "image/normalise.h"
#include "losses/pixel_counts.h"

#include <cmath>
#include <vector>

namespace strata {

TrainStep::TrainStep(SegmentationModel& model, Optimizer& optimizer, const Options& options, const Communicator& world,
                     torch::Device device)
    : model_(model),
      optimizer_(optimizer),
      options_(options),
      world_(world),
      device_(device),
      criterion_(options.loss, options.num_classes, options.ignore_id),
      loss_scale_(options.precision == Precision::kFp16 ? options.loss_scale.value_or(LossScale()) : std::optional<LossScale>()),
      norm_statistics_(model, options.plan, world),
      reducer_(model.parameters(), world, {}) {}

StepOutcome TrainStep::run(const Batch& batch, uint64_t epoch, double lr) {
  const LossScope scope = scope_of(batch.labels_NHW, epoch);
  norm_statistics_.begin_step();
  const double factor = loss_scale_ ? loss_scale_->factor : 1.0;
  StepOutcome outcome;
  for (int i = 0; i < options_.plan.forwards_per_step; ++i) {
    const Criterion::Terms terms = forward(batch, int64_t{i} * options_.plan.forward_samples, epoch, scope);
    const bool last = i + 1 == options_.plan.forwards_per_step;
    const torch::Tensor scaled = loss_scale_ ? terms.total * factor : terms.total;
    last ? reducer_.backward(scaled) : reducer_.accumulate(scaled);
    for (const auto& [name, part] : terms.parts) outcome.parts[name] += part.item<double>();
  }
  sum_over_ranks(outcome);
  outcome.gradient_norm = torch::stack(at::_foreach_norm(gradients())).norm().item<double>() / factor;
  outcome.skipped = world_.max(int64_t{!std::isfinite(outcome.loss) || !std::isfinite(outcome.gradient_norm)}) != 0;
  if (outcome.skipped) {
    norm_statistics_.take_back();
    optimizer_.zero_grad();
  } else {
    norm_statistics_.merge();
    const bool clip = options_.clip_norm > 0 && outcome.gradient_norm > options_.clip_norm;
    const double rescale = (clip ? options_.clip_norm / outcome.gradient_norm : 1.0) / factor;
    if (rescale != 1) at::_foreach_mul_(gradients(), rescale);
    optimizer_.step(lr);
  }
  update_loss_scale(outcome);
  return outcome;
}

LossScope TrainStep::scope_of(const torch::Tensor& labels_NHW, uint64_t epoch) const {
  BatchCounts counts;
  counts.valid_pixels = (labels_NHW != options_.ignore_id).sum().item<int64_t>();
  counts.samples = labels_NHW.size(0);
  counts.ignored_pixels = labels_NHW.numel() - counts.valid_pixels;
  counts.class_pixels = pixels_of_classes(labels_NHW, options_.num_classes);
  if (options_.loss.normalisation == LossOptions::Normalisation::kGlobal) counts = strata::sum_over_ranks(counts, world_);
  return {counts.valid_pixels, counts.samples, counts.ignored_pixels, counts.class_pixels, epoch};
}

Criterion::Terms TrainStep::forward(const Batch& batch, int64_t first, uint64_t epoch, const LossScope& scope) {
  const int64_t samples = options_.plan.forward_samples;
  const auto begin = batch.positions.begin() + first;
  const DropoutKeys keys{epoch, {begin, begin + samples}};
  const torch::Tensor images_NCHW = normalise(batch.images_NCHW.narrow(0, first, samples).to(device_, /*non_blocking=*/true));
  const torch::Tensor labels_NHW = batch.labels_NHW.narrow(0, first, samples).to(device_, /*non_blocking=*/true);
  Criterion::Terms terms = criterion_.share(outputs_of(images_NCHW, keys), labels_NHW, scope);
  if (options_.loss.normalisation == LossOptions::Normalisation::kPerRank) {  // the mean of what ranks have
    terms.total = terms.total / world_.size();
    for (auto& [name, part] : terms.parts) part = part / world_.size();
  }
  return terms;
}

TrainingOutputs TrainStep::outputs_of(const torch::Tensor& images_NCHW, const DropoutKeys& keys) const {
  const Autocast autocast(options_.precision, device_);
  const ActivationScope activations(options_.activations);
  return model_.forward_training(images_NCHW, keys);
}

// A loss that is not finite, or a scale that scales nothing any more, is no matter of the scale.
void TrainStep::update_loss_scale(StepOutcome& outcome) {
  if (!loss_scale_) return;
  outcome.overflowed = outcome.skipped && std::isfinite(outcome.loss) && loss_scale_->factor > 1;
  loss_scale_->update(outcome.skipped);
}

void TrainStep::sum_over_ranks(StepOutcome& outcome) const {
  std::vector<double> values;
  for (const auto& [name, part] : outcome.parts) values.push_back(part);
  world_.sum(values);
  size_t i = 0;
  for (auto& [name, part] : outcome.parts) {
    part = values[i++];
    outcome.loss += part;
  }
}

std::vector<torch::Tensor> TrainStep::gradients() const {
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& parameter : model_.parameters()) gradients.push_back(parameter.grad());
  return gradients;
}

}  // namespace strata
