#pragma once
// The learning rate as a pure function of progress (reference.md 1.5).

#include <cstdint>
#include <string>

namespace strata {

struct ScheduleOptions {
  int epochs = 175;  // more: longer run and slower decay
  enum class Policy { kPoly, kPoly2, kSclPoly } policy = Policy::kPoly;
  double power = 2.0;                                     // larger: smaller rates late
  enum class Unit { kEpoch, kStep } unit = Unit::kEpoch;  // kEpoch: constant within an epoch, as in the reference
  int poly_step = 110;                                    // poly2: epoch from which the power is doubled
  int switch_epoch = 0;                                   // scl-poly: epoch at which the second part begins
  double rescale = 1.0;                                   // scl-poly: height of the second part, of the base rate
  double repoly = 1.5;                                    // scl-poly: power of the second part
  int64_t warmup_steps = 0;                               // steps over which the rate rises to the policy's; 0: none
};

// With t the epoch (or global step) begun, T the total and S the switch, all of the same unit:
//   poly      lr (1 - t/T)^power
//   poly2     the same with 2 power where t >= S = poly_step
//   scl-poly  poly where t < S = switch_epoch, then lr rescale (1 - (t-S)/(T-S))^repoly
// times (step + 1) / warmup_steps while that is below 1.
double learning_rate(const ScheduleOptions& options, double base_rate, uint64_t epoch, uint64_t step_in_epoch,
                     uint64_t steps_per_epoch);

}  // namespace strata
