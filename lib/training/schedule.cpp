#include "training/schedule.h"

#include <algorithm>
#include <cmath>

namespace strata {

double learning_rate(const ScheduleOptions& options, double base_rate, uint64_t epoch, uint64_t step_in_epoch,
                     uint64_t steps_per_epoch) {
  double begun = static_cast<double>(epoch), total = options.epochs;
  if (options.unit == ScheduleOptions::Unit::kStep) {
    begun = static_cast<double>(epoch * steps_per_epoch + step_in_epoch);
    total *= static_cast<double>(steps_per_epoch);
  }
  return base_rate * std::pow(std::max(0.0, 1.0 - begun / total), options.power);
}

}  // namespace strata
