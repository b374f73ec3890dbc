#pragma once
// How far a pixel trusts one scale (Tao, Sapra, Catanzaro 2020, section 3.1).

#include "models/convolution.h"

namespace strata {

// 3x3, 3x3, 1x1 to one channel, sigmoid: N1HW in (0, 1) at the resolution of the features.
class ScaleAttentionImpl : public torch::nn::Module {
 public:
  ScaleAttentionImpl(int64_t in_channels, int64_t channels, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& features_NCHW);

  // Only moves the running statistics of the norms, without gradients. In training the attention of the top scale is not used,
  // but the reference's statistics contain it, and inference at more than two scales needs them.
  void observe(const torch::Tensor& features_NCHW);

 private:
  torch::Tensor hidden(const torch::Tensor& features_NCHW);

  ConvNorm conv0_, conv1_;
  Convolution conv2_{nullptr};
};
TORCH_MODULE(ScaleAttention);

}  // namespace strata
