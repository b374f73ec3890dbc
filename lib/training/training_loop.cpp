#include "training/training_loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/process_info.h"
#include "comm/agreement.h"
#include "training/weight_average.h"

#include <fmt/format.h>

#include <array>

namespace strata {
namespace {

constexpr int64_t kMostSkippedInARow = 10;

double checkpoint_bytes(const torch::nn::Module& model, const OptimizerOptions& optimizer) {
  return (1.0 + state_copies(optimizer)) * sizeof(float) * static_cast<double>(parameter_count(model));
}

std::string percent(const std::optional<double>& share) { return share ? fmt::format("{:.2f} %", 100 * *share) : "unknown"; }

ProgressOptions progress_options(const char* title, const char* unit, uint64_t total, uint64_t done, const Communicator& world) {
  return {title, unit, total, done, world.is_root() ? ProgressOptions::Show::kYes : ProgressOptions::Show::kNo};
}

}  // namespace

TrainingLoop::TrainingLoop(const TrainingOptions& options, const Communicator& world, Components& components,
                           torch::Device device, const RunState& state, Journal* journal)
    : options_(options),
      world_(world),
      parts_(components),
      device_(device),
      state_(state),
      committed_(state),
      journal_(journal),
      steps_per_epoch_(components.loader->steps_per_epoch()),
      total_steps_(static_cast<uint64_t>(options.schedule.epochs) * steps_per_epoch_),
      stop_conditions_(options.stop, world),
      reserve_(checkpoint_bytes(*components.model, options.optimizer), stop_conditions_.seconds_left()),
      progress_(progress_options("train", "steps", total_steps_, state.step, world)) {}

ExitCode TrainingLoop::run() {
  try {
    return run_steps();
  } catch (const Error& error) {
    note_failure(error);
    throw;
  }
}

ExitCode TrainingLoop::run_steps() {
  if (state_.step > 0 && state_.validated_step == state_.step)
    write_weights();  // a kill may have come between commit and weights
  while (true) {
    if (validation_due() && !validate()) return stop();
    if (state_.step >= total_steps_) return finish();
    if (told_to_stop()) return stop();
    take_step();
    if (checkpoint_due()) commit();
  }
}

void TrainingLoop::take_step() {
  const double begun = monotonic_seconds();
  const uint64_t in_epoch = state_.step % steps_per_epoch_;
  const double lr = learning_rate(options_.schedule, options_.optimizer.lr, epoch(), in_epoch, steps_per_epoch_);
  Batch batch;
  agree(world_, [&] {
    if (in_epoch == 0 || !loader_started_) parts_.loader->start(epoch(), in_epoch);
    batch = parts_.loader->next();
  });
  loader_started_ = true;
  const StepOutcome outcome = parts_.step->run(batch, epoch(), lr);
  state_.waiting_row = MetricsTable::step_cells(outcome, epoch(), lr);
  ++state_.step;
  state_.skipped_steps += outcome.skipped;
  if (!outcome.skipped) state_.skipped_in_a_row = 0;
  if (outcome.skipped && !outcome.overflowed) ++state_.skipped_in_a_row;
  state_.loss_scale = parts_.step->loss_scale();
  record_step(outcome, lr, begun);
}

void TrainingLoop::record_step(const StepOutcome& outcome, double lr, double begun) {
  std::array<double, 3> slowest = {parts_.loader->waited_seconds() - loader_waited_,
                                   parts_.step->waited_seconds() - gradients_waited_, static_cast<double>(peak_resident_bytes())};
  loader_waited_ += slowest[0];
  gradients_waited_ += slowest[1];
  world_.max(slowest);
  const StepTimes times{monotonic_seconds() - begun, slowest[0], slowest[1], slowest[2]};
  reserve_.add_step(times.total);
  on_root(world_, [&] {
    journal_->tables().add_step(state_.step, outcome, lr, times);
    if (!validation_due()) journal_->tables().add_row(state_, std::nullopt);
    if (outcome.overflowed) {
      log_info("step {} was skipped: a gradient did not fit fp16; the loss scale is {} now", state_.step,
               state_.loss_scale->factor);
    } else if (outcome.skipped) {
      log_warning("step {} was skipped: loss {}, gradient norm {}", state_.step, outcome.loss, outcome.gradient_norm);
    }
    if (state_.skipped_in_a_row > kMostSkippedInARow) {
      throw Diverged(
          fmt::format("the training has diverged: {} steps in a row had a loss or gradient that is not finite. The last good "
                      "state is {}. Lower "
                      "[optimizer] lr, then run the same command again to continue from there",
                      state_.skipped_in_a_row, journal_->checkpointer().last_good()));
    }
  });
  if (!validation_due()) state_.waiting_row.clear();
  progress_.update(state_.step, fmt::format("loss {:.4f}", outcome.loss));
}

bool TrainingLoop::validation_due() const {
  if (state_.step == 0 || state_.validated_step == state_.step) return false;
  if (state_.step == total_steps_) return true;
  const int every = options_.validation.every_epochs;
  return every > 0 && state_.step % (static_cast<uint64_t>(every) * steps_per_epoch_) == 0;
}

bool TrainingLoop::validate() {
  const double begun = monotonic_seconds();
  Progress progress(progress_options("validate", "images", parts_.validation_data->size(), 0, world_));
  EvaluationHooks hooks;
  hooks.stop = [&] { return told_to_stop(); };
  hooks.on_progress = [&](size_t done, size_t) { progress.update(done); };
  std::optional<ValidationResult> result;
  {
    const AveragedWeights averaged(parts_.optimizer->average());
    result = strata::validate(*parts_.model, *parts_.validation_data, options_.validation, world_, device_, hooks);
  }
  if (!result) return false;

  const std::optional<double> mean_iu = result->metrics.mean_iu;
  if (mean_iu && (!state_.best || *mean_iu > state_.best->mean_iu)) state_.best = BestResult{state_.step, *mean_iu};
  on_root(world_, [&] {
    journal_->tables().add_row(state_, result);
    journal_->tables().note_validation(monotonic_seconds() - begun);
  });
  state_.waiting_row.clear();
  state_.validated_step = state_.step;
  log_info("epoch {} of {}: mean IoU {}, validation loss {:.4f}", state_.step / steps_per_epoch_, options_.schedule.epochs,
           percent(mean_iu), result->loss);
  commit();
  write_weights();
  return true;
}

bool TrainingLoop::told_to_stop() {
  if (const auto reason = stop_conditions_.reason_to_stop(reserve_.seconds())) stop_reason_ = *reason;
  return !stop_reason_.empty();
}

bool TrainingLoop::checkpoint_due() const {
  return world_.broadcast(int64_t{journal_ && journal_->checkpointer().due(state_.step)}) != 0;
}

void TrainingLoop::commit() {
  on_root(world_, [&] {
    journal_->commit(state_, *parts_.model, *parts_.optimizer);
    reserve_.add_checkpoint(journal_->checkpointer().last_commit_seconds());
  });
  committed_ = state_;
}

void TrainingLoop::write_weights() {
  on_root(world_, [&] {
    const AveragedWeights averaged(parts_.optimizer->average());
    journal_->write_weights(state_, *parts_.model);
  });
}

ExitCode TrainingLoop::finish() {
  if (state_ != committed_) commit();
  on_root(world_, [&] { journal_->end_complete(state_, options_.schedule.epochs); });
  progress_.finish(fmt::format("best mean IoU {}", percent(state_.best ? std::optional(state_.best->mean_iu) : std::nullopt)));
  return ExitCode::kDone;
}

ExitCode TrainingLoop::stop() {
  if (state_ != committed_) commit();
  on_root(world_, [&] { journal_->end_stopped(stop_reason_, state_); });
  log_info("stopped after step {} of {}: {}. The same command continues", state_.step, total_steps_, stop_reason_);
  return ExitCode::kResume;
}

void TrainingLoop::note_failure(const Error& error) noexcept {
  try {
    if (journal_) journal_->end_failed(error, state_);
  } catch (const std::exception& e) {
    log_warning("run.json does not say how this start ended: {}", e.what());
  }
}

}  // namespace strata
