#include "training/schedule.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

using Policy = ScheduleOptions::Policy;

double poly(double begun, double total, double power) { return std::pow(std::max(0.0, 1.0 - begun / total), power); }

// Times are in epochs times `per_epoch`.
double course(const ScheduleOptions& options, double begun, double per_epoch) {
  const double total = options.epochs * per_epoch;
  const bool late = options.policy == Policy::kPoly2     ? begun >= options.poly_step * per_epoch
                    : options.policy == Policy::kSclPoly ? begun >= options.switch_epoch * per_epoch
                                                         : false;
  if (!late) return poly(begun, total, options.power);
  if (options.policy == Policy::kPoly2) return poly(begun, total, 2 * options.power);
  const double second = options.switch_epoch * per_epoch;
  return options.rescale * poly(begun - second, total - second, options.repoly);
}

}  // namespace

double learning_rate(const ScheduleOptions& options, double base_rate, uint64_t epoch, uint64_t step_in_epoch,
                     uint64_t steps_per_epoch) {
  const auto step = static_cast<double>(epoch * steps_per_epoch + step_in_epoch);
  const double rate =
      base_rate * (options.unit == ScheduleOptions::Unit::kStep ? course(options, step, static_cast<double>(steps_per_epoch))
                                                                : course(options, static_cast<double>(epoch), 1));
  if (step + 1 >= static_cast<double>(options.warmup_steps)) return rate;
  return rate * (step + 1) / static_cast<double>(options.warmup_steps);
}

}  // namespace strata
