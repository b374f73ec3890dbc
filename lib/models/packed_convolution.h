#pragma once
// oneDNN's convolutions with what follows them, as ATen has them for compiled graphs ("mkldnn::_convolution_pointwise"). Local.

#include "models/convolution.h"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace strata {

// Is the weight one that PackedWeights takes: on the CPU, float32 or bfloat16, and is oneDNN there and able to compute in that
// type?
bool can_pack(const torch::Tensor& weight_OIHW);

// Weights in the order in which oneDNN's kernels for channels-last input read them. That order depends on the size of the input,
// too, and one that does not fit is rearranged slowly in every call; where an input asks for another order, they are brought into
// it first. Only one is kept: the largest weights are those of which a second copy would be felt. Not for several threads at a
// time.
class PackedWeights {
 public:
  PackedWeights(const torch::Tensor& weight_OIHW, const ConvolutionOptions& options);

  // Opaque. Valid until the next call.
  const torch::Tensor& for_input(const torch::Tensor& x_NCHW) const;

  const ConvolutionOptions& options() const { return options_; }

 private:
  torch::Tensor pack(const torch::Tensor& weight_OIHW, const c10::IValue& input_size) const;

  ConvolutionOptions options_;
  mutable torch::Tensor weight_;                     // before the first input in the order that most ask for
  mutable std::vector<std::vector<int64_t>> sizes_;  // of inputs that its order fits
};

struct PackedConvolution {
  const PackedWeights& weights;
  const torch::Tensor& bias_O;  // of the same type; undefined: none
};
enum class AfterConvolution { kNothing, kRelu };

// Input of the weight's type, channels-last; so is the output.
torch::Tensor packed_convolution(const PackedConvolution& convolution, const torch::Tensor& x_NCHW, AfterConvolution after);
// sum = after(sum + convolution)
void packed_convolution_onto(torch::Tensor& sum_NCHW, const PackedConvolution& convolution, const torch::Tensor& x_NCHW,
                             AfterConvolution after);

}  // namespace strata
