#pragma once
// The passes of batch norm over the pixels of one rank. Local.

#include <torch/types.h>

namespace strata {

// Over all pixels of the group. Double, on the tensors' device.
struct GroupStatistics {
  torch::Tensor pixels_1;
  torch::Tensor mean_C;
  torch::Tensor invstd_C;    // 1 / sqrt(biased variance + eps)
  torch::Tensor variance_C;  // unbiased
};

// x_NCHW, dy_NCHW, relu_NCHW: float, double, bfloat16 or half, any layout (others than channels-last are copied into it); 16 bits
// are widened before anything is computed, and results rounded once. Sums are double, so that those of ranks can be added; on the
// CPU they are exact to double's rounding, those of 16 bits' gradients to float's. Results are channels-last. Deterministic on
// the CPU, whatever the number of threads.
//
// What follows is taken along (takes_along): a ReLU, or a residual to be added and a ReLU. relu_NCHW is the ReLU's output, and dy
// counts where that is above 0. Undefined: nothing follows.
struct BatchNormOps {
  bool takes_along;
  // [1 + 2C]: number of pixels, then per channel the sum of x, then of x^2.
  torch::Tensor (*moments)(const torch::Tensor& x_NCHW);
  // From moments summed over the group.
  GroupStatistics (*statistics)(const torch::Tensor& moments, double eps);
  // (x - mean) invstd weight + bias, or the ReLU of that, or the ReLU of that and a residual, where one is defined
  torch::Tensor (*normalise)(const torch::Tensor& x_NCHW, const GroupStatistics& statistics, const torch::Tensor& weight_C,
                             const torch::Tensor& bias_C, const torch::Tensor& residual_NCHW, bool relu);
  // [2C]: per channel the sum of dy, then of dy (x - mean).
  torch::Tensor (*gradient_sums)(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& relu_NCHW,
                                 const GroupStatistics& statistics);
  // weight invstd (dy - S_dy / pixels - (x - mean) invstd^2 S_dyx / pixels) with `sums` = (S_dy, S_dyx) over the group
  torch::Tensor (*input_gradient)(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& relu_NCHW,
                                  const GroupStatistics& statistics, const torch::Tensor& weight_C, const torch::Tensor& sums_2C);
};

// Own loops for the CPU; ATen's kernels for CUDA (untried on a GPU).
const BatchNormOps& batch_norm_ops(torch::Device device);

extern const BatchNormOps kCpuBatchNorm;   // batch_norm_cpu.cpp
extern const BatchNormOps kCudaBatchNorm;  // batch_norm_cuda.cpp

}  // namespace strata
