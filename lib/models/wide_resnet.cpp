#include "models/wide_resnet.h"

#include "models/activation_checkpoint.h"

#include <fmt/format.h>

#include <string>

namespace strata {

namespace {

constexpr int64_t kStemChannels = 64;
constexpr size_t kModules = 6;
const std::array<std::vector<int64_t>, kModules> kChannels = {
    {{128, 128}, {256, 256}, {512, 512}, {512, 1024}, {512, 1024, 2048}, {1024, 2048, 4096}}};
constexpr std::array<int64_t, kModules> kBlocks = {3, 3, 6, 3, 1, 1};
constexpr std::array<int64_t, kModules> kStrides = {1, 1, 2, 1, 1, 1};  // the first two are halved by max pooling before them
constexpr std::array<int64_t, kModules> kDilations = {1, 1, 1, 2, 4, 4};
constexpr std::array<double, kModules> kDropoutShares = {0, 0, 0, 0, 0.6, 1};  // published: 0.3 and 0.5

NormModule register_norm_relu(torch::nn::Module& owner, const std::string& name, NormModule norm) {
  return register_norm(register_group(owner, name), "0", std::move(norm));
}

}  // namespace

PreActivationBlockImpl::PreActivationBlockImpl(const PreActivationOptions& options, const NormFactory& norm)
    : dropout_(options.dropout) {
  const bool bottleneck = options.channels.size() == 3;
  Step first;
  first.norm = register_norm_relu(*this, "bn1", norm(options.in_channels));
  auto& convs = register_group(*this, "convs");
  int64_t from = options.in_channels;
  for (size_t i = 0; i < options.channels.size(); ++i) {
    const int64_t to = options.channels[i];
    Step step = first;
    if (i > 0) step.norm = register_norm_relu(convs, fmt::format("bn{}", i + 1), norm(from));
    const bool pointwise = bottleneck && i != 1;
    const auto convolution = pointwise ? conv1x1(from, to) : conv3x3(from, to).dilated(options.dilation);
    step.convolution =
        convs.register_module(fmt::format("conv{}", i + 1), Convolution(convolution.strided(i == 0 ? options.stride : 1)));
    steps_.push_back(step);
    from = to;
  }
  if (options.stride == 1 && options.in_channels == from) return;
  proj_conv_ = register_module("proj_conv", Convolution(conv1x1(options.in_channels, from).strided(options.stride)));
}

torch::Tensor PreActivationBlockImpl::forward(const torch::Tensor& x_NCHW, const DropoutDraw& draw) {
  torch::Tensor y_NCHW = steps_[0].norm.forward(x_NCHW).relu_();
  const torch::Tensor identity_NCHW = proj_conv_.is_empty() ? x_NCHW : proj_conv_(y_NCHW);
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (i > 0) y_NCHW = steps_[i].norm.forward(y_NCHW).relu_();
    if (is_training() && i + 1 == steps_.size()) y_NCHW = dropout_.apply(y_NCHW, draw);
    y_NCHW = steps_[i].convolution(y_NCHW);
  }
  return y_NCHW += identity_NCHW;
}

WideResnet38::WideResnet38(const ModelOptions& options, const NormFactory& norm) {
  conv1_ = register_group(*this, "mod1").register_module("conv1", Convolution(conv3x3(3, kStemChannels)));
  int64_t from = kStemChannels;
  for (size_t m = 0; m < kModules; ++m) {
    const std::string module = fmt::format("mod{}", m + 2);
    auto& group = register_group(*this, module);
    for (int64_t b = 0; b < kBlocks[m]; ++b) {
      const std::string name = fmt::format("block{}", b + 1);
      const PreActivationBlock block(
          PreActivationOptions{.in_channels = from,
                               .channels = kChannels[m],
                               .stride = b == 0 ? kStrides[m] : 1,
                               .dilation = kDilations[m],
                               .dropout = KeyedDropout(kDropoutShares[m] * options.trunk_dropout, options.seed)},
          norm);
      modules_[m].push_back({fmt::format("{}.{}", module, name), group.register_module(name, block)});
      from = kChannels[m].back();
    }
  }
}

torch::Tensor WideResnet38::run(size_t module, torch::Tensor x_NCHW, const DropoutDraw& draw) {
  for (auto& [name, block] : modules_[module]) {
    const auto run_block = [&block = *block, keys = draw.keys,
                            layer = fmt::format("{} {}", draw.layer, name)](const torch::Tensor& x) {
      return block.forward(x, DropoutDraw{keys, layer});
    };
    x_NCHW = checkpointed(*block, x_NCHW, run_block);
  }
  return x_NCHW;
}

TrunkFeatures WideResnet38::features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) {
  const auto halve = [](const torch::Tensor& x_NCHW) { return at::max_pool2d(x_NCHW, 3, 2, 1); };
  TrunkFeatures features;
  features.fine_NCHW = run(0, halve(conv1_(images_NCHW)), draw);
  features.middle_NCHW = run(1, halve(features.fine_NCHW), draw);
  features.last_NCHW = features.middle_NCHW;
  for (size_t m = 2; m < kModules; ++m) features.last_NCHW = run(m, features.last_NCHW, draw);
  return features;
}

TrunkChannels WideResnet38::channels() const { return {.fine = 128, .middle = 256, .last = 4096}; }

}  // namespace strata
