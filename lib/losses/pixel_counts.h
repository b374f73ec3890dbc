#pragma once
// How often classes occur in labels.

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace strata {

// Pixels of each class 0 .. num_classes - 1; other labels are not counted.
std::vector<int64_t> pixels_of_classes(const torch::Tensor& labels_NHW, int64_t num_classes);

}  // namespace strata
