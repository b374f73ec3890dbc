#pragma once
// The learning rate as a pure function of progress (reference.md 1.5).

#include <cstdint>
#include <string>

namespace strata {

struct ScheduleOptions {
  int epochs = 175;  // more: longer run and, with poly, slower decay
  enum class Policy { kPoly } policy = Policy::kPoly;
  double power = 2.0;                                     // larger: smaller rates late
  enum class Unit { kEpoch, kStep } unit = Unit::kEpoch;  // kEpoch: constant within an epoch, as in the reference
};

// lr * (1 - t/T)^power with t the epoch (or global step) begun and T the total of the same unit.
double learning_rate(const ScheduleOptions& options, double base_rate, uint64_t epoch, uint64_t step_in_epoch,
                     uint64_t steps_per_epoch);

}  // namespace strata
