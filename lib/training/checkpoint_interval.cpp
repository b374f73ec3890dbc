#include "training/checkpoint_interval.h"

#include <algorithm>

namespace strata {
namespace {

constexpr double kLargestShareOfTime = 0.01;

}  // namespace

CheckpointInterval::CheckpointInterval(const CheckpointIntervalOptions& options, double now) : options_(options), begun_(now) {}

void CheckpointInterval::begin(uint64_t step, double now) {
  step_ = step;
  begun_ = now;
}

double CheckpointInterval::seconds() const { return std::max(options_.every_seconds, cost_seconds_ / kLargestShareOfTime); }

bool CheckpointInterval::due_by_steps(uint64_t step) const {
  return options_.every_steps > 0 && step >= step_ + static_cast<uint64_t>(options_.every_steps);
}

bool CheckpointInterval::due_by_clock(double now) const { return options_.every_seconds > 0 && now >= begun_ + seconds(); }

}  // namespace strata
