#include "training/loss_scale.h"

#include <cmath>

namespace strata {
namespace {

constexpr double kBackoff = 0.5, kGrowth = 2;
constexpr int64_t kGrowthInterval = 2000;
constexpr double kLargest = 0x1p100;  // gradients that never overflow: those of a loss that is constant

}  // namespace

void LossScale::update(bool overflowed) {
  if (overflowed) {
    factor *= kBackoff;
    good_steps = 0;
  } else if (++good_steps == kGrowthInterval) {
    factor = std::fmin(factor * kGrowth, kLargest);
    good_steps = 0;
  }
}

}  // namespace strata
