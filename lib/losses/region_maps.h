#pragma once
// What RMI wants of full-size logits, and what it wants of the maps made of them: the two steps that walk much memory.

#include <torch/types.h>

namespace strata {

// Logits and labels in one walk. A pixel counts where its label is in [0, C).
struct RegionMaps {
  torch::Tensor bce_sum;             // scalar of the logits' type: sigmoid BCE over pixels that count and all classes
  torch::Tensor labels_NChw;         // double: one-hot labels, averaged over 4x4 px with a margin of 2 px of 0; h = H / 4 + 1
  torch::Tensor probabilities_NChw;  // double: sigmoid of the logits (0 where a pixel does not count) + 1e-6, likewise
};
// Differentiable in the logits, once. logits_NCHW float or double, labels_NHW int64. The same bits for any number of threads.
RegionMaps region_maps(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW);

// bce_sum alone.
torch::Tensor binary_cross_entropy_sum(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW);

// The nine values of the 3x3 window around each point of a map (no window reaches over the edge) are a vector; these are the
// covariances of such vectors over the points of a map, not divided by the number of points. N x C x 9 x 9, double.
struct RegionCovariances {
  torch::Tensor labels;
  torch::Tensor cross;  // [labels][predictions]
  torch::Tensor predictions;
};
// Differentiable in the probabilities, once. Maps N x C x h x w, double, h and w at least 3.
RegionCovariances region_covariances(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw);

// The same by ATen's operators, for tensors on GPUs: ten times as many walks over memory.
RegionMaps region_maps_by_operators(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW);
RegionCovariances region_covariances_by_operators(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw);

// For the CPU: one walk forward, one backward (region_maps_cpu.cpp, region_covariances_cpu.cpp).
RegionMaps region_maps_on_cpu(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW);
torch::Tensor binary_cross_entropy_sum_on_cpu(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW);
RegionCovariances region_covariances_on_cpu(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw);

inline constexpr int64_t kRegionPool = 4;    // maps are averaged over 4x4 pixels
inline constexpr int64_t kRegionRadius = 3;  // side of the window
inline constexpr double kProbabilityFloor = 1e-6;

}  // namespace strata
