#pragma once
// Gradients of fp16 vanish below 6e-8: the loss is multiplied by a number that keeps them above, and they are divided by it.

#include <cstdint>

namespace strata {

// The rule of Micikevicius et al. 2018 with the numbers of torch.amp.GradScaler. A power of two, so that scaling rounds nothing.
struct LossScale {
  double factor = 65536;
  int64_t good_steps = 0;  // since the factor last changed

  // Moves the factor after a step: halves it where a gradient was not finite (and the step skipped), doubles it after 2000
  // steps without one.
  void update(bool overflowed);
  bool operator==(const LossScale&) const = default;
};

}  // namespace strata
