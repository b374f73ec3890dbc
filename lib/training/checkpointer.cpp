#include "training/checkpointer.h"

#include "base/clock.h"
#include "base/disk_progress.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "comm/activity.h"

#include <utility>

namespace strata {
namespace {

constexpr double kSecondsBetweenLooks = 0.2;

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

// On the CPU, in the order of a file, with memory of its own.
NamedTensors copy_of(const NamedTensors& content) {
  const torch::NoGradGuard no_gradients;
  NamedTensors copy;
  copy.metadata = content.metadata;
  for (const auto& [name, tensor] : content.tensors) {
    torch::Tensor values = torch::empty(tensor.sizes(), torch::TensorOptions().dtype(tensor.scalar_type()).device(torch::kCPU));
    copy.tensors.emplace_back(name, values.copy_(tensor));
  }
  return copy;
}

}  // namespace

uint64_t checkpoint_bytes(const torch::nn::Module& model, const OptimizerOptions& optimizer) {
  return static_cast<uint64_t>((1 + state_copies(optimizer)) * static_cast<double>(sizeof(float)) *
                               static_cast<double>(parameter_count(model)));
}

Checkpointer::Checkpointer(const RunFiles& files, const CheckpointOptions& options, const OwnerFile& owner)
    : files_(files),
      owner_(owner),
      store_(files.checkpoints, options),
      interval_({options.every_seconds, options.every_steps}, monotonic_seconds()) {}

std::optional<Checkpoint> Checkpointer::load_newest() {
  std::optional<Checkpoint> checkpoint = store_.load_newest();
  interval_.begin(checkpoint ? run_state_from_json(checkpoint->state).step : 0, monotonic_seconds());
  return checkpoint;
}

bool Checkpointer::due(uint64_t step) const {
  return interval_.due_by_steps(step) || (writer_.idle() && interval_.due_by_clock(monotonic_seconds()));
}

void Checkpointer::commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer,
                          std::function<void()> sync) {
  const double begun = monotonic_seconds();
  finish_writing();  // one copy at a time
  writer_.rethrow();
  Checkpoint checkpoint;
  checkpoint.model = copy_of(state_of(model));
  checkpoint.optimizer = copy_of(optimizer.state());
  checkpoint.state = to_json(state);
  require_finite(checkpoint.model, store_.last_good());
  require_finite(checkpoint.optimizer, store_.last_good());
  interval_.begin(state.step, monotonic_seconds());
  const double lost = monotonic_seconds() - begun;
  submit_as_owner([this, checkpoint = std::move(checkpoint), sync = std::move(sync), step = state.step, begun, lost] {
    const double cpu_begun = thread_cpu_seconds();
    sync();
    store_.commit(checkpoint, [this] { owner_.require_mine(); });
    const Committed done{step, store_.newest(), monotonic_seconds() - begun, lost + thread_cpu_seconds() - cpu_begun};
    log_debug("{} after step {} in {:.2f} s, of which the training lost {:.2f} s", store_.last_good(), step, done.seconds,
              done.cost_seconds);
    const std::lock_guard lock(mutex_);
    committed_ = done;
  });
}

void Checkpointer::write_weights(const RunState& state, const SegmentationModel& model, const WeightDescription& description) {
  WeightDescription described = description;
  described.provenance["step"] = std::to_string(state.step);
  const bool is_best = state.best && state.best->step == state.step;
  const double mean_iu = is_best ? state.best->mean_iu : 0;
  submit_as_owner([this, options = model.options(), weights = copy_of(state_of(model)), described, is_best, mean_iu]() mutable {
    require_writable_directory(files_.last_weights.parent_path());
    save_weights(options, weights, described, files_.last_weights);
    if (!is_best) return;
    described.provenance["mean_iu"] = fmt::format("{}", mean_iu);
    save_weights(options, weights, described, files_.best_weights);
  });
}

// Where the directory was lost meanwhile, that is the error, whatever came of it.
void Checkpointer::submit_as_owner(std::function<void()> work) {
  writer_.submit([this, work = std::move(work)] {
    owner_.require_mine();
    try {
      work();
    } catch (const Error&) {
      owner_.require_mine();
      throw;
    }
  });
}

std::optional<Committed> Checkpointer::poll() {
  writer_.rethrow();
  const std::lock_guard lock(mutex_);
  if (committed_) interval_.note_cost(committed_->cost_seconds);
  return std::exchange(committed_, std::nullopt);
}

std::optional<Committed> Checkpointer::wait() {
  finish_writing();
  return poll();
}

// A slow disk is no standstill; one that takes and gives nothing any more is.
void Checkpointer::finish_writing() {
  for (uint64_t seen = 0; !writer_.finish_within(kSecondsBetweenLooks);) {
    const uint64_t now = bytes_to_and_from_disk();
    if (now != seen) note_movement();
    seen = now;
  }
}

uint64_t Checkpointer::newest() {
  finish_writing();
  return store_.newest();
}

std::string Checkpointer::last_good() {
  finish_writing();
  return store_.last_good();
}

}  // namespace strata
