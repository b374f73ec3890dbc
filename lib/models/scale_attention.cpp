#include "models/scale_attention.h"

#include "models/chain.h"

namespace strata {

ScaleAttentionImpl::ScaleAttentionImpl(int64_t in_channels, int64_t channels, const NormFactory& norm) {
  conv0_ = register_module("conv0", torch::nn::Conv2d(conv3x3(in_channels, channels)));
  bn0_ = register_norm(*this, "bn0", norm(channels));
  conv1_ = register_module("conv1", torch::nn::Conv2d(conv3x3(channels, channels)));
  bn1_ = register_norm(*this, "bn1", norm(channels));
  conv2_ = register_module("conv2", torch::nn::Conv2d(conv1x1(channels, 1)));
}

torch::Tensor ScaleAttentionImpl::hidden(const torch::Tensor& features_NCHW) {
  const torch::Tensor x = bn0_.forward(conv0_(features_NCHW)).relu_();
  return bn1_.forward(conv1_(x)).relu_();
}

torch::Tensor ScaleAttentionImpl::forward(const torch::Tensor& features_NCHW) { return conv2_(hidden(features_NCHW)).sigmoid(); }

void ScaleAttentionImpl::observe(const torch::Tensor& features_NCHW) {
  const torch::NoGradGuard no_gradients;
  hidden(features_NCHW);
}

}  // namespace strata
