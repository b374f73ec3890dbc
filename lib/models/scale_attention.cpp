#include "models/scale_attention.h"

namespace strata {

ScaleAttentionImpl::ScaleAttentionImpl(int64_t in_channels, int64_t channels, const NormFactory& norm)
    : conv0_(*this, {"conv0", "bn0"}, conv3x3(in_channels, channels), norm),
      conv1_(*this, {"conv1", "bn1"}, conv3x3(channels, channels), norm),
      conv2_(register_module("conv2", Convolution(conv1x1(channels, 1)))) {}

torch::Tensor ScaleAttentionImpl::hidden(const torch::Tensor& features_NCHW) { return conv1_.relu(conv0_.relu(features_NCHW)); }

torch::Tensor ScaleAttentionImpl::forward(const torch::Tensor& features_NCHW) { return conv2_(hidden(features_NCHW)).sigmoid(); }

void ScaleAttentionImpl::observe(const torch::Tensor& features_NCHW) {
  const torch::NoGradGuard no_gradients;
  hidden(features_NCHW);
}

}  // namespace strata
