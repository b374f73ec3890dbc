#pragma once
// How long before the end of its time a run must stop, from what its steps and checkpoints have taken.

#include <cstddef>
#include <vector>

namespace strata {

class StopReserve {
 public:
  // `checkpoint_bytes` gives a first guess of the time to write one (50 MB/s); `seconds_left`: of the time limit, infinity where
  // there is none.
  StopReserve(double checkpoint_bytes, double seconds_left);

  void add_step(double seconds);
  void add_checkpoint(double seconds);

  // 1.5 slow steps (99th percentile of the last 256) + 2 checkpoints (the slowest) + slack: 2 % of the time, at least 2 s (of a
  // job of less than 10 s a fifth), at most 60 s.
  double seconds() const;

 private:
  std::vector<double> recent_steps_;  // a ring
  size_t next_ = 0;
  double slowest_checkpoint_;
  bool measured_checkpoint_ = false;
  double slack_;
};

}  // namespace strata
