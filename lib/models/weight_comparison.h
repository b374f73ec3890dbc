#pragma once
// Two weight files against each other, tensor by tensor.

#include "models/safetensors.h"

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct WeightComparison {
  struct Difference {
    std::string name;
    double largest = 0;   // absolute difference, infinite where only one side is NaN
    int64_t numbers = 0;  // that differ
  };
  std::vector<std::string> only_first, only_second;
  std::vector<std::string> other_form;  // "NAME (F32 3x3, F16 3x3)": of another type or shape
  std::vector<Difference> different;    // same form, other bits
  size_t equal = 0;                     // tensors with the same bits

  // No tensor is on one side only or of another form, and none differs by more than `tolerance`.
  bool same(double tolerance) const;
};

WeightComparison compare_weights(const NamedTensors& first, const NamedTensors& second);

// A line a finding, the largest differences first, up to 20 of each kind.
std::string comparison_text(const WeightComparison& comparison);

}  // namespace strata
