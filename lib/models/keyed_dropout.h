#pragma once
// Dropout whose masks depend on what is trained, not on who trains it.

#include "models/segmentation_model.h"

#include <torch/types.h>

#include <cstdint>
#include <string_view>

namespace strata {

// Which mask of one forward pass: several forwards over the same samples (one a scale) differ in `layer`.
struct DropoutDraw {
  const DropoutKeys& keys;
  std::string_view layer;
};

// Drops whole channels of a sample (Tompson et al. 2015) or single elements (Srivastava et al. 2014) with probability p and
// divides the rest by 1 - p. The mask of a sample is a pure function of (seed, epoch, position of the sample, layer): the same on
// any rank, in any micro-batch, after any restart.
class KeyedDropout {
 public:
  enum class Drops { kChannels, kElements };

  // ConfigError unless 0 <= p < 1.
  KeyedDropout(double p, uint64_t seed, Drops drops = Drops::kChannels);
  // InternalError unless keys hold a position for each sample; with p = 0 nothing is looked at.
  torch::Tensor apply(const torch::Tensor& x_NCHW, const DropoutDraw& draw) const;

 private:
  double p_;
  uint64_t seed_;
  Drops drops_;
};

}  // namespace strata
