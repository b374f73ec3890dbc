#pragma once
// Weights of classes in cross entropies.

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace strata {

// What HRNet-OCR trains Cityscapes with, by training id.
inline constexpr std::array kHrnetOcrCityscapesWeights = {0.8373, 0.9180, 0.8660, 1.0345, 1.0166, 0.9969, 0.9754,
                                                          1.0489, 0.8786, 1.0023, 0.9539, 0.9843, 1.1116, 0.9037,
                                                          1.0865, 1.0955, 1.0865, 1.1529, 1.0507};

// As a tensor of the logits' type and device; undefined where there are none. InternalError unless there is one a class.
torch::Tensor class_weight_tensor(const std::vector<double>& weights, const torch::Tensor& logits_NCHW);

// Sum of the weights of all pixels that `class_pixels` counts. InternalError where they are not one a class.
double total_weight(const std::vector<double>& weights, const std::vector<int64_t>& class_pixels);

}  // namespace strata
