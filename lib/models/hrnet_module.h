#pragma once
// Residual blocks and the exchange between resolutions: what the stages of HRNet are made of.

#include "models/chain.h"
#include "models/resize_bilinear.h"
#include "models/segmentation_model.h"

#include <torch/nn/modules/conv.h>

#include <vector>

namespace strata {

// Two 3x3 convolutions around an identity (He et al. 2016); channels stay.
class BasicBlockImpl : public torch::nn::Module {
 public:
  BasicBlockImpl(int64_t channels, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  NormModule bn1_, bn2_;
};
TORCH_MODULE(BasicBlock);

// 1x1 down to `channels`, 3x3, 1x1 up to 4 `channels`; the identity is projected where the number of channels changes.
class BottleneckImpl : public torch::nn::Module {
 public:
  static constexpr int64_t kExpansion = 4;

  BottleneckImpl(int64_t in_channels, int64_t channels, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr};
  NormModule bn1_, bn2_, bn3_;
  Chain downsample_{nullptr};
};
TORCH_MODULE(Bottleneck);

// Branches of basic blocks, one a resolution, then every branch receives the sum over all of them (Wang et al. 2020, figure 3):
// from coarser ones by 1x1 and bilinear resize, from finer ones by 3x3 convolutions of stride 2.
class HrnetModuleImpl : public torch::nn::Module {
 public:
  HrnetModuleImpl(const std::vector<int64_t>& branch_channels, int64_t blocks, const NormFactory& norm, BilinearResize resize);
  // One tensor a branch, finest first; each half the size (rounded up) of the one before.
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> branches_NCHW);

 private:
  torch::Tensor fuse_into(size_t target, const std::vector<torch::Tensor>& branches_NCHW);

  BilinearResize resize_;
  std::vector<Chain> branches_;
  std::vector<std::vector<Chain>> paths_;  // [target][source]; empty for the identity
};
TORCH_MODULE(HrnetModule);

}  // namespace strata
