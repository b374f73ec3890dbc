#pragma once
// Atrous spatial pyramid pooling (Chen et al. 2017, "Rethinking Atrous Convolution for Semantic Image Segmentation").

#include "models/chain.h"

#include <vector>

namespace strata {

// The image's mean, a 1x1 convolution and 3x3 ones dilated by 12, 24 and 36 (for features at an eighth of the image), each of
// `channels`, side by side in this order: N x 5 channels x H x W.
class AsppImpl : public torch::nn::Module {
 public:
  AsppImpl(int64_t in_channels, int64_t channels, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x_NCHW);
  int64_t out_channels() const { return out_channels_; }

 private:
  std::vector<Chain> features_;
  Chain img_conv_;
  int64_t out_channels_;
};
TORCH_MODULE(Aspp);

}  // namespace strata
