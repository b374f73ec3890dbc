#pragma once
// The exchange between resolutions: what the stages of HRNet are made of.

#include "models/residual_blocks.h"
#include "models/resize_bilinear.h"

#include <vector>

namespace strata {

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
