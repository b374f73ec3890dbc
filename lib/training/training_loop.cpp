#include "training/training_loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/process_info.h"
#include "comm/activity.h"
#include "comm/agreement.h"
#include "run/forecast.h"
#include "training/weight_average.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace strata {
namespace {

constexpr int64_t kMostSkippedInARow = 10;
constexpr uint64_t kStepsBeforeForecast = 20;  // the first ones are slower

std::string percent(const std::optional<double>& share) { return share ? fmt::format("{:.2f} %", 100 * *share) : "unknown"; }

ProgressOptions progress_options(const char* title, const char* unit, uint64_t total, uint64_t done, const Communicator& world) {
  return {title, unit, total, done, world.is_root() ? ProgressOptions::Show::kYes : ProgressOptions::Show::kNo};
}

}  // namespace

TrainingLoop::TrainingLoop(const TrainingOptions& options, const Surroundings& surroundings, Components& components,
                           const RunState& state)
    : options_(options),
      world_(surroundings.world),
      parts_(components),
      device_(surroundings.device),
      state_(state),
      committed_(state),
      journal_(surroundings.journal),
      steps_per_epoch_(components.loader->steps_per_epoch()),
      total_steps_(static_cast<uint64_t>(options.schedule.epochs) * steps_per_epoch_),
      stop_conditions_(surroundings.stop),
      reserve_(static_cast<double>(checkpoint_bytes(*components.model, options.optimizer)), stop_conditions_.seconds_left()),
      first_step_(state.step),
      progress_(progress_options("train", "steps", total_steps_, state.step, surroundings.world)) {}

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
    if (state_.step == first_step_ + kStepsBeforeForecast) say_forecast();
    if (checkpoint_due()) commit();
  }
}

void TrainingLoop::note_now(const char* doing) {
  begin_phase(doing, state_.step + 1);
  if (journal_) journal_->flight().note_now(fmt::format("step {}, epoch {}, {}", state_.step + 1, epoch(), doing));
}

void TrainingLoop::say_forecast() const {
  const double steps = static_cast<double>(state_.step - first_step_ - 1);
  const Pace pace{(monotonic_seconds() - loop_begun_) / steps, 0};
  const RunProgress progress{state_.step, total_steps_, steps_per_epoch_};
  const double left = stop_conditions_.seconds_left();
  log_info("{:.3g} s a step, {} for all that are left, validations not counted{}", pace.seconds_per_step,
           readable_duration(seconds_to_go(progress, pace)),
           std::isfinite(left) ? "; " + forecast_text(progress, pace, left) : "");
}

void TrainingLoop::say_pace() {
  constexpr double kManyWaits = 0.1;
  log_info("epoch {} of {}: {}", state_.step / steps_per_epoch_, options_.schedule.epochs, epoch_pace_.text());
  if (epoch_pace_.share_waiting_for_data() > kManyWaits) {
    log_warning(
        "the network often waits for data: give [loader] more threads, or stage shards on a disk of the node ([loader] stage)");
  }
  epoch_pace_ = {};
}

void TrainingLoop::take_step() {
  const double begun = monotonic_seconds();
  const uint64_t in_epoch = state_.step % steps_per_epoch_;
  const double lr = learning_rate(options_.schedule, options_.optimizer.lr, epoch(), in_epoch, steps_per_epoch_);
  Batch batch;
  note_now("loading");
  agree(world_, [&] {
    if (in_epoch == 0 || !loader_started_) parts_.loader->start(epoch(), in_epoch);
    batch = parts_.loader->next();
  });
  loader_started_ = true;
  note_now("forward and backward");
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
  const bool first = state_.step == first_step_ + 1;
  if (first) loop_begun_ = monotonic_seconds();
  on_root(world_, [&] {
    journal_->flight().note_step(
        {state_.step, (state_.step - 1) / steps_per_epoch_, times.total, outcome.loss, outcome.gradient_norm});
    epoch_pace_.add(times);
    if (state_.step % steps_per_epoch_ == 0) say_pace();
    if (first) journal_->record().note_start_up(monotonic_seconds() - process_start_seconds());
    note_commit(journal_->poll_commit());
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
  note_now("validating");
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
  note_now("copying a checkpoint");
  on_root(world_, [&] {
    note_commit(journal_->poll_commit());
    journal_->commit(state_, *parts_.model, *parts_.optimizer);
  });
  committed_ = state_;
}

void TrainingLoop::note_commit(const std::optional<Committed>& committed) {
  if (committed) reserve_.add_checkpoint(committed->seconds);
}

void TrainingLoop::finish_commit() {
  note_now("writing a checkpoint");
  if (state_ != committed_) commit();
  on_root(world_, [&] { note_commit(journal_->wait_commit()); });
}

void TrainingLoop::write_weights() {
  on_root(world_, [&] {
    const AveragedWeights averaged(parts_.optimizer->average());
    journal_->write_weights(state_, *parts_.model);
  });
}

ExitCode TrainingLoop::finish() {
  finish_commit();
  on_root(world_, [&] { journal_->end_complete(state_, options_.schedule.epochs); });
  progress_.finish(fmt::format("best mean IoU {}", percent(state_.best ? std::optional(state_.best->mean_iu) : std::nullopt)));
  return ExitCode::kDone;
}

ExitCode TrainingLoop::stop() {
  finish_commit();
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
