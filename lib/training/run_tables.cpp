#include "training/run_tables.h"

#include "base/files.h"

#include <array>
#include <utility>

namespace strata {
namespace {

const std::vector<std::string> kTimingColumns = {"seconds",
                                                 "samples_per_second",
                                                 "loader_wait_seconds",
                                                 "gradient_wait_seconds",
                                                 "checkpoint_seconds",
                                                 "validation_seconds",
                                                 "peak_memory_bytes"};

const fs::path& created(const fs::path& directory) {
  require_writable_directory(directory);
  return directory;
}

}  // namespace

RunTables::RunTables(const RunFiles& files, const RunState& state, int samples_per_step)
    : metrics_(files.metrics, state.waiting_row.empty() ? state.step : state.step - 1),
      timing_(files.timing, kTimingColumns, state.step),
      events_(created(files.events), state.step + 1),
      samples_per_step_(samples_per_step) {}

void RunTables::add_step(uint64_t step, const StepOutcome& outcome, double lr, const StepTimes& times) {
  const std::array<CsvValue, 7> row = {times.total,
                                       samples_per_step_ / times.total,
                                       times.loader_wait,
                                       times.gradient_wait,
                                       std::exchange(checkpoint_seconds_, 0.0),
                                       std::exchange(validation_seconds_, 0.0),
                                       static_cast<int64_t>(times.peak_bytes)};
  timing_.add(step, row);
  events_.add("train/loss", step, outcome.loss);
  for (const auto& [name, part] : outcome.parts) events_.add("train/loss_" + name, step, part);
  events_.add("train/lr", step, lr);
  events_.add("train/gradient_norm", step, outcome.gradient_norm);
  events_.add("time/samples_per_second", step, samples_per_step_ / times.total);
}

void RunTables::add_row(const RunState& state, const std::optional<ValidationResult>& validation) {
  metrics_.add(state.step, state.waiting_row, validation);
  if (!validation) return;
  events_.add("val/loss", state.step, validation->loss);
  const Metrics& m = validation->metrics;
  for (const auto& [tag, value] :
       {std::pair{"val/mean_iu", m.mean_iu}, {"val/acc", m.acc}, {"val/acc_cls", m.acc_cls}, {"val/fwavacc", m.fwavacc}}) {
    if (value) events_.add(tag, state.step, *value);
  }
}

}  // namespace strata
