#pragma once
// Which source pixels make one pixel of a resized axis, and with what weights. Inside the image layer only; everyone else
// includes image/resize.h.

#include "image/resize.h"

#include <cstdint>
#include <vector>

namespace strata {

// One axis of a resize: its lengths, and the part of the result that is wanted.
struct Axis {
  int source = 0, result = 0;
  int begin = 0, size = 0;
};

// Consecutive source pixels.
struct Span {
  int begin = 0, size = 0;
};

// kNearest: the source pixel of each wanted one.
std::vector<int> nearest_indices(const Axis& axis);

// The other filters: the sum of weights[i * stride + k] * source[spans[i].begin + k] over k is pixel i, in units of 1 /
// 2^kFractionBits.
inline constexpr int kFractionBits = 22;  // 32 less 8 for the value and 2 for sign and overshoot
struct Taps {
  std::vector<Span> spans;
  std::vector<int32_t> weights;
  size_t stride = 0;
};
Taps taps_of(const Axis& axis, Filter filter);

// All source pixels that the wanted ones need.
Span source_span(const Axis& axis, Filter filter);

}  // namespace strata
