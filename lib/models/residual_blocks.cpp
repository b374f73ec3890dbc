#include "models/residual_blocks.h"

namespace strata {

BasicBlockImpl::BasicBlockImpl(int64_t channels, const NormFactory& norm)
    : conv1_(*this, {"conv1", "bn1"}, conv3x3(channels, channels), norm),
      conv2_(*this, {"conv2", "bn2"}, conv3x3(channels, channels), norm) {}

torch::Tensor BasicBlockImpl::forward(const torch::Tensor& x_NCHW) { return conv2_.add_relu(conv1_.relu(x_NCHW), x_NCHW); }

SqueezeExcitationImpl::SqueezeExcitationImpl(int64_t channels, int64_t reduction)
    : fc1_(register_module("fc1", Convolution(conv1x1(channels, channels / reduction).biased()))),
      fc2_(register_module("fc2", Convolution(conv1x1(channels / reduction, channels).biased()))) {}

torch::Tensor SqueezeExcitationImpl::forward(const torch::Tensor& x_NCHW) {
  const torch::Tensor means_NC11 = at::adaptive_avg_pool2d(x_NCHW, {1, 1});
  return x_NCHW * fc2_(fc1_(means_NC11).relu_()).sigmoid();
}

BottleneckImpl::BottleneckImpl(const BottleneckOptions& o, const NormFactory& norm)
    : conv1_(*this, {"conv1", "bn1"}, conv1x1(o.in_channels, o.channels), norm),
      conv2_(*this, {"conv2", "bn2"}, conv3x3(o.channels, o.channels).strided(o.stride).dilated(o.dilation).grouped(o.groups),
             norm),
      conv3_(*this, {"conv3", "bn3"}, conv1x1(o.channels, o.out_channels), norm) {
  if (o.squeeze_reduction > 0) {
    se_module_ = register_module("se_module", SqueezeExcitation(o.out_channels, o.squeeze_reduction));
  }
  if (o.in_channels == o.out_channels && o.stride == 1) return;
  downsample_ = register_module("downsample", Chain());
  downsample_->add_conv_norm(conv1x1(o.in_channels, o.out_channels).strided(o.stride), norm);
}

torch::Tensor BottleneckImpl::forward(const torch::Tensor& x_NCHW) {
  const torch::Tensor y_NCHW = conv2_.relu(conv1_.relu(x_NCHW));
  const auto identity = [&] { return downsample_.is_empty() ? x_NCHW : downsample_(x_NCHW); };
  if (se_module_.is_empty()) return conv3_.add_relu(y_NCHW, identity());
  const torch::Tensor excited_NCHW = se_module_(conv3_(y_NCHW));
  return (excited_NCHW + identity()).relu_();
}

}  // namespace strata
