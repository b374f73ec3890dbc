#pragma once
// oneDNN's convolutions with what follows them, as ATen has them for compiled graphs ("mkldnn::_convolution_pointwise"). Local.

#include "models/convolution.h"

namespace strata {

// Is the weight one that pack_weights() takes: on the CPU, float32 or bfloat16, and is oneDNN there and able to compute in that
// type?
bool can_pack(const torch::Tensor& weight_OIHW);

// In the order in which oneDNN's kernels for channels-last input read them: an opaque tensor.
torch::Tensor pack_weights(const torch::Tensor& weight_OIHW, const ConvolutionOptions& options);

struct PackedConvolution {
  const torch::Tensor& weight;  // of pack_weights()
  const torch::Tensor& bias_O;  // of the same type; undefined: none
  const ConvolutionOptions& options;
};
enum class AfterConvolution { kNothing, kRelu };

// Input of the weight's type, channels-last; so is the output.
torch::Tensor packed_convolution(const PackedConvolution& convolution, const torch::Tensor& x_NCHW, AfterConvolution after);
// sum = after(sum + convolution)
void packed_convolution_onto(torch::Tensor& sum_NCHW, const PackedConvolution& convolution, const torch::Tensor& x_NCHW,
                             AfterConvolution after);

}  // namespace strata
