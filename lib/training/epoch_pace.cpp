#include "training/epoch_pace.h"

#include <fmt/format.h>

namespace strata {

void EpochPace::add(const StepTimes& times) {
  ++steps_;
  total_ += times.total;
  data_ += times.loader_wait;
  gradients_ += times.gradient_wait;
}

std::string EpochPace::text() const {
  const double gradients = total_ > 0 ? gradients_ / total_ : 0;
  return fmt::format("{} {} in {:.3g} s, {:.1f} % of it waiting for data, {:.1f} % for gradients of other ranks", steps_,
                     steps_ == 1 ? "step" : "steps", total_, 100 * share_waiting_for_data(), 100 * gradients);
}

}  // namespace strata
