#pragma once
// Convolutions, and convolutions with the batch norm behind them: what all networks here are made of.

#include "models/segmentation_model.h"

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace strata {

// Square kernels. Values are made by conv1x1(), conv3x3(), conv5x5() and changed by the functions.
struct ConvolutionOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;  // zeros on every side
  int64_t dilation = 1;
  int64_t groups = 1;
  bool bias = false;

  ConvolutionOptions strided(int64_t by) const;
  ConvolutionOptions dilated(int64_t by) const;  // padding follows, so that the size stays
  ConvolutionOptions padded(int64_t by) const;
  ConvolutionOptions grouped(int64_t into) const;
  ConvolutionOptions biased() const;
};

// No bias; padded to keep the size.
ConvolutionOptions conv1x1(int64_t in_channels, int64_t out_channels);
ConvolutionOptions conv3x3(int64_t in_channels, int64_t out_channels);
ConvolutionOptions conv5x5(int64_t in_channels, int64_t out_channels);

class FoldedConvolution;

// torch::nn::Conv2d without its initial random weights: they are undefined until set_initial_weights() or loading fills them.
class ConvolutionImpl : public torch::nn::Module {
 public:
  explicit ConvolutionImpl(const ConvolutionOptions& options);
  torch::Tensor forward(const torch::Tensor& x_NCHW);
  const ConvolutionOptions& options() const { return options_; }

  // The norm that alone reads the output; freezing makes it part of the convolution.
  void set_norm(const NormModule& norm) { norm_ = norm.ptr(); }
  // For freeze() in frozen_network.h: from now on computes in `type`, norm included; the weights are given up.
  void freeze(torch::Dtype type);
  // Null until frozen; InternalError where a frozen one is in training mode.
  const FoldedConvolution* folded() const;

  torch::Tensor weight, bias;  // bias is undefined without options.bias

 private:
  ConvolutionOptions options_;
  std::shared_ptr<torch::nn::Module> norm_;
  std::shared_ptr<const FoldedConvolution> folded_;
};
TORCH_MODULE(Convolution);

// A convolution and its norm. Two modules under two names in the owner, one step in the forward pass, and one operation once
// frozen.
class ConvNorm {
 public:
  ConvNorm() = default;
  ConvNorm(Convolution convolution, NormModule norm);

  struct Names {
    std::string convolution, norm;
  };
  // Registers both as children of `owner`.
  ConvNorm(torch::nn::Module& owner, const Names& names, const ConvolutionOptions& options, const NormFactory& norm);

  torch::Tensor operator()(const torch::Tensor& x_NCHW);
  torch::Tensor relu(const torch::Tensor& x_NCHW);                                          // of the norm's output
  torch::Tensor add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW);  // ReLU of the sum

 private:
  Convolution convolution_{nullptr};
  NormModule norm_;
};

}  // namespace strata
