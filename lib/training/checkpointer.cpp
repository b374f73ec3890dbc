#include "training/checkpointer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

namespace strata {
namespace {

void require_finite(const NamedTensors& content, const std::string& last_good) {
  for (const auto& [name, tensor] : content.tensors) {
    if (!tensor.is_floating_point() || torch::isfinite(tensor).all().item<bool>()) continue;
    throw Diverged(
        fmt::format("the training has diverged: {} is no longer finite, and cannot recover. The last good state is {}. Lower "
                    "[optimizer] lr, then "
                    "run the same command again to continue from there",
                    name, last_good));
  }
}

}  // namespace

Checkpointer::Checkpointer(const RunFiles& files, const CheckpointOptions& options, const OwnerFile& owner)
    : files_(files), options_(options), owner_(owner), store_(files.checkpoints, options) {
  restart_interval(0);
}

std::optional<Checkpoint> Checkpointer::load_newest() {
  std::optional<Checkpoint> checkpoint = store_.load_newest();
  restart_interval(checkpoint ? run_state_from_json(checkpoint->state).step : 0);
  return checkpoint;
}

void Checkpointer::restart_interval(uint64_t step) {
  interval_step_ = step;
  interval_begun_ = monotonic_seconds();
}

bool Checkpointer::due(uint64_t step) const {
  const bool by_steps = options_.every_steps > 0 && step >= interval_step_ + static_cast<uint64_t>(options_.every_steps);
  const bool by_clock = options_.every_seconds > 0 && monotonic_seconds() >= interval_begun_ + options_.every_seconds;
  return by_steps || by_clock;
}

void Checkpointer::commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer) {
  const double begun = monotonic_seconds();
  Checkpoint checkpoint;
  checkpoint.model = state_of(model);
  checkpoint.optimizer = optimizer.state();
  checkpoint.state = to_json(state);
  require_finite(checkpoint.model, store_.last_good());
  require_finite(checkpoint.optimizer, store_.last_good());
  owner_.require_mine();
  store_.commit(checkpoint);
  restart_interval(state.step);
  last_commit_seconds_ = monotonic_seconds() - begun;
  log_debug("{} after step {} in {:.2f} s", store_.last_good(), state.step, last_commit_seconds_);
}

void Checkpointer::write_weights(const RunState& state, const SegmentationModel& model,
                                 const WeightDescription& description) const {
  require_writable_directory(files_.last_weights.parent_path());
  WeightDescription described = description;
  described.provenance["step"] = std::to_string(state.step);
  save_weights(model, described, files_.last_weights);
  if (!state.best || state.best->step != state.step) return;
  described.provenance["mean_iu"] = fmt::format("{}", state.best->mean_iu);
  save_weights(model, described, files_.best_weights);
}

}  // namespace strata
