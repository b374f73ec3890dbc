#pragma once
// When the next checkpoint is due: by steps, by the clock, and never so often that checkpoints cost more than 1 % of the time.

#include <cstdint>

namespace strata {

struct CheckpointIntervalOptions {
  double every_seconds =
      600;  // smaller: less work lost to a kill, more time spent; longer by itself where checkpoints are dear; 0: off
  int64_t every_steps = 0;  // whatever that costs; 0: off
};

class CheckpointInterval {
 public:
  // `now`, here and below: monotonic seconds.
  CheckpointInterval(const CheckpointIntervalOptions& options, double now);

  // An interval begins: a checkpoint was taken after this step, or the run begins there.
  void begin(uint64_t step, double now);
  // What the last checkpoint cost the training, in seconds.
  void note_cost(double seconds) { cost_seconds_ = seconds; }

  bool due_by_steps(uint64_t step) const;
  bool due_by_clock(double now) const;
  // Between two checkpoints by the clock.
  double seconds() const;

 private:
  CheckpointIntervalOptions options_;
  uint64_t step_ = 0;
  double begun_;
  double cost_seconds_ = 0;
};

}  // namespace strata
