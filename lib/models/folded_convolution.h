#pragma once
// A convolution whose norm has become part of its weights: what a frozen network computes with.

#include "models/convolution.h"
#include "models/packed_convolution.h"

#include <optional>

namespace strata {

// Weights and bias in double, on the device that will compute.
struct FoldedWeights {
  torch::Tensor weight_OIHW;
  torch::Tensor bias_O;  // undefined: none
};

// y = norm(w * x + b) with fixed statistics is a convolution with weights w g and bias (b - mean) g + beta,
// g = gamma / sqrt(variance + eps). Gives both as FoldedWeights, computed in double. `norm`: parameters and buffers named as
// BatchNorm2d's; eps is kNormEps.
FoldedWeights fold(const ConvolutionImpl& convolution, const torch::nn::Module* norm);

// Computes in one type. On CPUs with oneDNN in float32 and bfloat16, weights are brought to the order of its kernels once a size
// of input, ReLU and sum happen where the convolution writes, and tensors are channels-last; elsewhere these are operations of
// their own. Input of another type or memory format is converted. Without gradients.
class FoldedConvolution {
 public:
  FoldedConvolution(const ConvolutionOptions& options, const FoldedWeights& weights, torch::Dtype type);

  torch::Tensor operator()(const torch::Tensor& x_NCHW) const;
  torch::Tensor relu(const torch::Tensor& x_NCHW) const;
  torch::Tensor add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW) const;

 private:
  torch::Tensor prepared(const torch::Tensor& x_NCHW) const;
  torch::Tensor plain(const torch::Tensor& x_NCHW) const;

  ConvolutionOptions options_;
  torch::Dtype type_;
  torch::Tensor weight_, bias_;
  std::optional<PackedWeights> packed_;  // in place of weight_
};

}  // namespace strata
