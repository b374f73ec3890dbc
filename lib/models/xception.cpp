#include "models/xception.h"

#include "models/activation_checkpoint.h"

#include <fmt/format.h>

#include <string>

namespace strata {

namespace {

constexpr int64_t kMiddleChannels = 728, kMiddleBlocks = 16, kMiddleDilation = 2, kExitDilation = 2, kLastDilation = 4;

struct BlockShape {
  int64_t in_channels, out_channels;
};

// The usual block: the first convolution changes the number of channels, the last one halves the size.
XceptionBlockOptions entry_block(const BlockShape& shape, int64_t stride) {
  const auto [in, out] = shape;
  XceptionBlockOptions options = {.in_channels = in, .out_channels = out, .convolutions = {{in, out}, {out, out}}};
  if (stride > 1) options.convolutions.push_back({.in_channels = out, .out_channels = out, .stride = stride});
  return options;
}

XceptionBlockOptions middle_block() {
  const SeparableOptions same = {.in_channels = kMiddleChannels, .out_channels = kMiddleChannels, .dilation = kMiddleDilation};
  return {.in_channels = kMiddleChannels, .out_channels = kMiddleChannels, .convolutions = {same, same, same}};
}

XceptionBlockOptions exit_block() {
  constexpr int64_t in = kMiddleChannels, out = 1024;
  return {.in_channels = in,
          .out_channels = out,
          .convolutions = {{.in_channels = in, .out_channels = in, .dilation = kExitDilation},
                           {.in_channels = in, .out_channels = out, .dilation = kExitDilation},
                           {.in_channels = out, .out_channels = out}}};
}

XceptionBlockOptions without_first_relu(XceptionBlockOptions options) {
  options.relu_first = false;
  return options;
}

bool changes_shape(const XceptionBlockOptions& options) {
  return options.in_channels != options.out_channels || options.convolutions.back().stride > 1;
}

}  // namespace

SeparableConvNorm::SeparableConvNorm(torch::nn::Module& owner, const ConvNorm::Names& names, const SeparableOptions& o,
                                     const NormFactory& norm) {
  auto& group = register_group(owner, names.convolution);
  const auto depthwise = conv3x3(o.in_channels, o.in_channels).strided(o.stride).dilated(o.dilation).grouped(o.in_channels);
  depthwise_ = ConvNorm(group, {"conv1", "bn"}, depthwise, norm);
  const auto pointwise = group.register_module("pointwise", Convolution(conv1x1(o.in_channels, o.out_channels)));
  pointwise_ = ConvNorm(pointwise, register_norm(owner, names.norm, norm(o.out_channels)));
}

XceptionBlockImpl::XceptionBlockImpl(const XceptionBlockOptions& options, const NormFactory& norm)
    : relu_first_(options.relu_first), projects_(changes_shape(options)) {
  if (projects_) {
    const auto projection = conv1x1(options.in_channels, options.out_channels);
    skip_ = ConvNorm(*this, {"skip", "skipbn"}, projection.strided(options.convolutions.back().stride), norm);
  }
  auto& rep = register_group(*this, "rep");
  int place = relu_first_ ? 1 : 0;  // a ReLU has a number, too
  for (const auto& convolution : options.convolutions) {
    convolutions_.emplace_back(rep, ConvNorm::Names{std::to_string(place), std::to_string(place + 1)}, convolution, norm);
    place += 3;
  }
}

torch::Tensor XceptionBlockImpl::forward(const torch::Tensor& x_NCHW) {
  const torch::Tensor input_NCHW = relu_first_ ? x_NCHW.relu() : x_NCHW;
  torch::Tensor y_NCHW = input_NCHW;
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    const bool last = i + 1 == convolutions_.size();
    y_NCHW = last ? convolutions_[i](y_NCHW) : convolutions_[i].relu(y_NCHW);
  }
  return y_NCHW += projects_ ? skip_(input_NCHW) : input_NCHW;
}

Xception71::Xception71(const NormFactory& norm) {
  conv1_ = ConvNorm(*this, {"conv1", "bn1"}, conv3x3(3, 32).strided(2), norm);
  conv2_ = ConvNorm(*this, {"conv2", "bn2"}, conv3x3(32, 64), norm);
  std::vector<XceptionBlockOptions> blocks = {without_first_relu(entry_block({64, 128}, 2)),
                                              without_first_relu(entry_block({128, 256}, 1)),
                                              entry_block({256, kMiddleChannels}, 2)};
  blocks.insert(blocks.end(), kMiddleBlocks, middle_block());
  blocks.push_back(exit_block());
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks_.push_back(register_module(fmt::format("block{}", i + 1), XceptionBlock(blocks[i], norm)));
  }
  int64_t from = blocks.back().out_channels;
  for (const int64_t to : {1536, 1536, 2048}) {
    const size_t number = exit_.size() + 3;
    exit_.emplace_back(*this, ConvNorm::Names{fmt::format("conv{}", number), fmt::format("bn{}", number)},
                       SeparableOptions{.in_channels = from, .out_channels = to, .dilation = kLastDilation}, norm);
    from = to;
  }
}

TrunkFeatures Xception71::features(const torch::Tensor& images_NCHW, const DropoutDraw&) {
  TrunkFeatures features;
  features.fine_NCHW = conv2_.relu(conv1_.relu(images_NCHW));
  features.middle_NCHW = checkpointed(blocks_[0], features.fine_NCHW).relu();
  torch::Tensor x_NCHW = features.middle_NCHW;
  for (size_t i = 1; i < blocks_.size(); ++i) x_NCHW = checkpointed(blocks_[i], x_NCHW);
  x_NCHW = x_NCHW.relu();
  for (auto& step : exit_) x_NCHW = step.relu(x_NCHW);
  features.last_NCHW = x_NCHW;
  return features;
}

TrunkChannels Xception71::channels() const { return {.fine = 64, .middle = 128, .last = 2048}; }

}  // namespace strata
