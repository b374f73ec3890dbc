#pragma once
// The numbers of a run: metrics.csv, timing.csv, TensorBoard curves.

#include "base/csv_file.h"
#include "base/event_file.h"
#include "run/run_files.h"
#include "training/metrics_table.h"
#include "training/run_state.h"

#include <cstdint>
#include <optional>

namespace strata {

// What a step took, in seconds; of the slowest rank where ranks differ.
struct StepTimes {
  double total = 0;
  double loader_wait = 0;    // for batches
  double gradient_wait = 0;  // for gradients of other ranks
  double peak_bytes = 0;     // resident memory so far
};

// Local to rank 0.
class RunTables {
 public:
  // Opens the tables and cuts them back to `state`. `samples_per_step`: for rates.
  RunTables(const RunFiles& files, const RunState& state, int samples_per_step);

  // The row of the step in timing.csv, and its curves. Its row of metrics.csv follows with add_row(), after its validation.
  void add_step(uint64_t step, const StepOutcome& outcome, double lr, const StepTimes& times);
  // Writes state.waiting_row to metrics.csv.
  void add_row(const RunState& state, const std::optional<ValidationResult>& validation);

  // Time spent beside steps; it goes into the next row of timing.csv.
  void note_checkpoint(double seconds) { checkpoint_seconds_ += seconds; }
  void note_validation(double seconds) { validation_seconds_ += seconds; }

  // Before a commit: rows up to its step must survive with it.
  void sync() { metrics_.sync(); }

 private:
  MetricsTable metrics_;
  CsvFile timing_;
  EventFile events_;
  int samples_per_step_;
  double checkpoint_seconds_ = 0, validation_seconds_ = 0;
};

}  // namespace strata
