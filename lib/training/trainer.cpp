#include "training/trainer.h"

#include "base/files.h"
#include "base/log.h"
#include "comm/agreement.h"
#include "data/manifest.h"
#include "training/checkpoint_broadcast.h"
#include "training/components.h"
#include "training/journal.h"
#include "training/training_loop.h"

#include <fmt/format.h>

#include <optional>

namespace strata {
namespace {

// What the options say, and what the dataset and the file of first weights add: that file by its content, wherever it lies.
Settings immutable_settings(const TrainingOptions& options, const Manifest& manifest, const std::string& start_sha256) {
  Settings settings = options.immutable;
  if (!start_sha256.empty()) settings.emplace_back("model.weights_sha256", start_sha256);
  settings.emplace_back("dataset", manifest.dataset_id());
  settings.emplace_back("classes", std::to_string(manifest.labels.num_classes()));
  return settings;
}

bool already_complete(const TrainingOptions& options, const Settings& immutable, const Communicator& world) {
  int64_t complete = 0;
  on_root(world, [&] {
    if (const auto completion = completed_run(options.run, options.schedule.epochs, immutable)) {
      log_info("already complete: {} epochs, {} steps, in {}", completion->epochs, completion->step, options.run.string());
      complete = 1;
    }
  });
  return world.broadcast(complete) != 0;
}

// False: told to stop while another process still owned the directory.
bool open_journal(std::optional<Journal>& journal, const TrainingOptions& options, const Communicator& world) {
  int64_t stopped = 0;
  on_root(world, [&] {
    try {
      journal.emplace(options.run, options.checkpoint);
    } catch (const Error& e) {
      if (e.code() != ExitCode::kResume) throw;
      log_info("{}", e.what());
      stopped = 1;
    }
  });
  return world.broadcast(stopped) == 0;
}

// Of a new run: before its first step, or after the epochs of the training that it continues.
RunState first_state(const Settings& immutable, const std::optional<Checkpoint>& start, const Components& parts,
                     const ScheduleOptions& schedule) {
  RunState state;
  state.immutable = immutable;
  if (!start) return state;
  const uint64_t epochs = epochs_done(*start);
  if (epochs >= static_cast<uint64_t>(schedule.epochs)) {
    throw ConfigError(
        fmt::format("the training to be continued has done {} epochs, and [schedule] epochs = {} leaves nothing to do: "
                    "raise it (the learning rates change with it)",
                    epochs, schedule.epochs),
        ErrorScope::kAllRanks);
  }
  state.step = state.validated_step = epochs * parts.loader->steps_per_epoch();
  return state;
}

WeightDescription weights_of(const Manifest& manifest, const RunState& state) {
  WeightDescription weights;
  for (const LabelClass& label : manifest.labels.classes) {
    weights.class_names.push_back(label.name);
    weights.class_colors.push_back(label.color);
  }
  weights.ignore_id = manifest.labels.ignore_id;
  weights.provenance["dataset.name"] = manifest.dataset;
  for (const auto& [key, value] : state.immutable) weights.provenance[key] = value;
  return weights;
}

// Said once in the life of a run.
void explain_loss(const LossOptions& loss) {
  if (loss.name != LossOptions::Name::kRmi) return;
  log_info(
      "the RMI loss may fall below 0, and that is no fault: its region part (loss_main_rmi) is half the log determinant of what "
      "the "
      "prediction leaves unexplained of the labels, which goes to minus infinity as the prediction gets better");
}

RunDescription describe(const TrainingOptions& options, const Components& parts, const RunState& state,
                        const Settings& platform) {
  RunDescription description;
  description.platform = platform;
  description.resolved_config = options.resolved_config;
  description.versions = options.versions;
  description.weights = weights_of(parts.training_data->manifest(), state);
  if (options.optimizer.ema > 0) {
    description.weights.provenance["weights"] =
        fmt::format("running average over steps, decay {}; batch statistics likewise", options.optimizer.ema);
  }
  description.initial_sha256 = parts.initial_sha256;
  description.parameters = parameter_count(*parts.model);
  description.total_steps = static_cast<uint64_t>(options.schedule.epochs) * parts.loader->steps_per_epoch();
  description.steps_per_epoch = parts.loader->steps_per_epoch();
  description.checkpoint_bytes = checkpoint_bytes(*parts.model, options.optimizer);
  description.samples_per_step = options.global_batch;
  return description;
}

void log_plan(const Components& parts, const RunDescription& description) {
  log_info(
      "{} training images, {} validation images, {} classes; {} parameters; {} steps of {} images: {} ranks x {} forward passes "
      "of {}",
      parts.training_data->size(), parts.validation_data->size(), parts.training_data->labels().num_classes(),
      description.parameters, description.total_steps, description.samples_per_step, parts.plan.ranks,
      parts.plan.forwards_per_step, parts.plan.forward_samples);
  log_info("the loader of each rank holds at most {}", readable_bytes(parts.loader->most_bytes()));
}

}  // namespace

ExitCode train(const TrainingOptions& options, const Communicator& world) {
  Settings immutable;
  std::string sha256;  // of the file of first weights
  on_root(world, [&] { sha256 = start_sha256(options.start); });
  sha256 = world.broadcast(sha256);
  agree(world, [&] {
    plan_batch({options.global_batch, options.micro_batch, options.norm_group}, world.size());  // before anything is created
    const Manifest manifest = read_manifest(options.data);
    require_fitting(options.loss, manifest.labels.num_classes());
    immutable = immutable_settings(options, manifest, sha256);
  });
  if (already_complete(options, immutable, world)) return ExitCode::kDone;

  const StopConditions stop(options.stop, world);
  const Machine machine = prepare_machine(options, world);
  std::optional<Journal> journal;  // on root
  if (!open_journal(journal, options, world)) return ExitCode::kResume;
  Origin origin;
  on_root(world, [&] {
    origin.checkpoint = journal->load_checkpoint(immutable);
    if (!origin.checkpoint) origin.start = read_start(options.start, options.model);
  });
  origin.checkpoint = broadcast_checkpoint(std::move(origin.checkpoint), world);
  origin.start = broadcast_checkpoint(std::move(origin.start), world);

  Components parts = make_components(options, origin, machine.device, world);
  const RunState state = origin.checkpoint ? run_state_from_json(origin.checkpoint->state)
                                           : first_state(immutable, origin.start, parts, options.schedule);
  if (!origin.checkpoint) try_largest_image(*parts.model, *parts.validation_data, options.validation, world, machine.device);
  origin = {};
  RunDescription description = describe(options, parts, state, machine.platform);
  description.seconds_left = stop.seconds_left();
  log_plan(parts, description);
  if (state.step == 0) explain_loss(options.loss);
  on_root(world, [&] { journal->begin(state, description); });
  return TrainingLoop(options, {world, machine.device, stop, journal ? &*journal : nullptr}, parts, state).run();
}

}  // namespace strata
