#pragma once
// Post-activation residual blocks (He et al. 2016): of HRNet, ResNet and SE-ResNeXt.

#include "models/chain.h"

namespace strata {

// Two 3x3 convolutions around an identity; channels stay.
class BasicBlockImpl : public torch::nn::Module {
 public:
  BasicBlockImpl(int64_t channels, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x_NCHW);

 private:
  ConvNorm conv1_, conv2_;
};
TORCH_MODULE(BasicBlock);

// Scales each channel by what its mean over the image and those of all others say (Hu et al. 2018).
class SqueezeExcitationImpl : public torch::nn::Module {
 public:
  SqueezeExcitationImpl(int64_t channels, int64_t reduction);
  torch::Tensor forward(const torch::Tensor& x_NCHW);

 private:
  Convolution fc1_{nullptr}, fc2_{nullptr};
};
TORCH_MODULE(SqueezeExcitation);

struct BottleneckOptions {
  int64_t in_channels = 0;
  int64_t channels = 0;  // inside
  int64_t out_channels = 0;
  int64_t stride = 1;    // of the 3x3 convolution and the projection
  int64_t dilation = 1;  // of the 3x3 convolution
  int64_t groups = 1;
  int64_t squeeze_reduction = 0;  // 0: no squeeze and excitation
};

// 1x1 down, 3x3, 1x1 up; the identity is projected where size or number of channels change.
class BottleneckImpl : public torch::nn::Module {
 public:
  static constexpr int64_t kExpansion = 4;

  BottleneckImpl(const BottleneckOptions& options, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x_NCHW);

 private:
  ConvNorm conv1_, conv2_, conv3_;
  SqueezeExcitation se_module_{nullptr};
  Chain downsample_{nullptr};
};
TORCH_MODULE(Bottleneck);

}  // namespace strata
