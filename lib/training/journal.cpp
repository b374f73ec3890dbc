#include "training/journal.h"

#include "base/files.h"
#include "base/log.h"
#include "comm/stop.h"

namespace strata {
namespace {

constexpr int kMostStopsWithoutProgress = 3;

const RunFiles& prepared(const RunFiles& files) {
  require_run_directory(files);
  return files;
}

OwnerOptions stop_at_signals() {
  OwnerOptions options;
  options.stop_waiting = [] { return stop_signal() != 0; };
  return options;
}

bool further(const RunState& now, const RunState& before) {
  return now.step > before.step || now.validated_step > before.validated_step;
}

}  // namespace

Journal::Journal(const fs::path& run, const CheckpointOptions& options)
    : files_(prepared(RunFiles(run))),
      owner_(files_.directory, stop_at_signals()),
      record_(files_.record),
      checkpointer_(files_, options, owner_) {
  remove_temporaries(files_);
  log_also_to(files_.log);
}

std::optional<Checkpoint> Journal::load_checkpoint(const Settings& immutable) {
  std::optional<Checkpoint> checkpoint = checkpointer_.load_newest();
  if (checkpoint)
    require_same_settings(run_state_from_json(checkpoint->state).immutable, immutable, "the run in " + files_.directory.string());
  return checkpoint;
}

void Journal::begin(const RunState& state, const RunDescription& description) {
  owner_.require_mine();  // reading and checking may have taken long
  begun_ = state;
  weights_ = description.weights;
  checkpointer_.require_room(description.checkpoint_bytes, 2 * sizeof(float) * static_cast<uint64_t>(description.parameters));
  log_changes(state, description);
  write_file_atomically(files_.config, description.resolved_config);
  if (!description.initial_sha256.empty()) {
    record_.describe("initial_weights_sha256", description.initial_sha256);
    record_.describe("parameters", description.parameters);
  }
  record_.set_immutable(state.immutable);
  record_.begin_start({description.platform, description.versions, state.step, checkpointer_.newest(), description.total_steps,
                       description.steps_per_epoch, description.seconds_left});
  tables_.emplace(files_, state, description.samples_per_step);
  std::error_code ignored;
  fs::remove(files_.flight, ignored);  // an earlier owner that was only stopped still writes to the old file
  flight_.emplace(files_.flight);
}

void Journal::log_changes(const RunState& state, const RunDescription& description) {
  if (state.step == 0) {
    log_info("new run in {}", files_.directory.string());
    return;
  }
  if (checkpointer_.newest() == 0) {
    log_info("new run in {}, which goes on after step {} of {} of the training it continues", files_.directory.string(),
             state.step, description.total_steps);
    return;
  }
  log_info("the run in {} continues after step {} of {}, from {}", files_.directory.string(), state.step, description.total_steps,
           checkpointer_.last_good());
  for (const std::string& change : differences(record_.platform(), description.platform)) {
    log_warning("{}: not bit-identical to a straight run from here on", change);
  }
  if (!fs::exists(files_.config)) return;
  for (const std::string& change :
       differences(settings_of_ini(read_text_file(files_.config)), settings_of_ini(description.resolved_config))) {
    log_warning("changed since the last start: {}{}", change,
                change.find(" epochs ") != std::string::npos ? " (the learning rates of all further steps change with it)" : "");
  }
}

void Journal::commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer) {
  if (state.best) record_.note_best(state.best->step, state.best->mean_iu);
  checkpointer_.commit(state, model, optimizer, [this] { tables_->sync(); });
}

std::optional<Committed> Journal::poll_commit() { return noted(checkpointer_.poll()); }
std::optional<Committed> Journal::wait_commit() { return noted(checkpointer_.wait()); }

std::optional<Committed> Journal::noted(const std::optional<Committed>& committed) {
  if (!committed) return committed;
  owner_.require_mine();
  tables_->note_checkpoint(committed->cost_seconds);
  record_.note_checkpoint(committed->step, committed->generation);
  return committed;
}

void Journal::write_weights(const RunState& state, const SegmentationModel& model) {
  checkpointer_.write_weights(state, model, weights_);
}

void Journal::end_stopped(const std::string& reason, const RunState& state) {
  owner_.require_mine();
  const int without_progress = record_.count_stop(further(state, begun_));
  const bool give_up = without_progress >= kMostStopsWithoutProgress;
  record_.end_start(give_up ? ExitCode::kPeerLost : ExitCode::kResume, "stopped: " + reason, state.step);
  if (give_up) {
    throw PeerLost(
        fmt::format("no progress in {} starts: each was stopped ({}) before it finished a step beyond step {}. Submitting again "
                    "will not help; give "
                    "the run a longer time limit",
                    without_progress, reason, state.step));
  }
}

void Journal::end_complete(const RunState& state, int epochs) {
  owner_.require_mine();
  record_.count_stop(true);
  record_.complete({state.step, epochs});
  record_.end_start(ExitCode::kDone, "complete", state.step);
}

void Journal::end_failed(const Error& error, const RunState& state) {
  if (owner_.still_mine()) record_.end_start(error.code(), error.what(), state.step);
}

std::optional<RunRecord::Completion> completed_run(const fs::path& run, int epochs, const Settings& immutable) {
  const RunFiles files(run);
  if (!fs::exists(files.record) || !fs::exists(files.last_weights)) return std::nullopt;
  const RunRecord record(files.record);
  const auto completion = record.completion();
  if (!completion || completion->epochs < epochs) return std::nullopt;
  require_same_settings(record.immutable(), immutable, "the run in " + run.string());
  return completion;
}

}  // namespace strata
