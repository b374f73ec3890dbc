#include "models/aspp.h"

#include <string>

namespace strata {

namespace {
constexpr int64_t kDilations[] = {12, 24, 36};
}

AsppImpl::AsppImpl(int64_t in_channels, int64_t channels, const NormFactory& norm) {
  auto& features = register_group(*this, "features");
  const auto add = [&](const ConvolutionOptions& convolution) {
    Chain branch;
    branch->add_conv_norm_relu(convolution, norm);
    features_.push_back(features.register_module(std::to_string(features_.size()), branch));
  };
  add(conv1x1(in_channels, channels));
  for (const int64_t dilation : kDilations) add(conv3x3(in_channels, channels).dilated(dilation));
  img_conv_ = register_module("img_conv", Chain());
  img_conv_->add_conv_norm_relu(conv1x1(in_channels, channels), norm);
  out_channels_ = static_cast<int64_t>(features_.size() + 1) * channels;
}

torch::Tensor AsppImpl::forward(const torch::Tensor& x_NCHW) {
  const torch::Tensor mean_NC11 = img_conv_(at::adaptive_avg_pool2d(x_NCHW, {1, 1}));
  std::vector<torch::Tensor> side_by_side = {mean_NC11.expand({-1, -1, x_NCHW.size(2), x_NCHW.size(3)})};
  for (auto& branch : features_) side_by_side.push_back(branch(x_NCHW));
  return torch::cat(side_by_side, 1);
}

}  // namespace strata
