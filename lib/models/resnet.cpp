#include "models/resnet.h"

#include "models/activation_checkpoint.h"

#include <string>

namespace strata {

namespace {

constexpr int64_t kStemChannels = 64;

struct Stage {
  int64_t in_channels, out_channels, inside, stride, dilation;
};

Chain make_layer(const ResnetStructure& structure, size_t index, const Stage& stage, const NormFactory& norm) {
  Chain layer;
  for (int64_t i = 0; i < structure.blocks[index]; ++i) {
    layer->add(Bottleneck(BottleneckOptions{.in_channels = i == 0 ? stage.in_channels : stage.out_channels,
                                            .channels = stage.inside,
                                            .out_channels = stage.out_channels,
                                            .stride = i == 0 ? stage.stride : 1,
                                            .dilation = stage.dilation,
                                            .groups = structure.groups,
                                            .squeeze_reduction = structure.squeeze_reduction},
                          norm));
  }
  return layer;
}

}  // namespace

ResnetStructure resnet50() { return {}; }
ResnetStructure resnet101() { return {.blocks = {3, 4, 23, 3}}; }
ResnetStructure se_resnext50() {
  return {.groups = 32, .group_width = 4, .squeeze_reduction = 16, .stem = ResnetStructure::Stem::kSenet};
}
ResnetStructure se_resnext101() {
  ResnetStructure structure = se_resnext50();
  structure.blocks = {3, 4, 23, 3};
  return structure;
}

Resnet::Resnet(const ResnetStructure& structure, const NormFactory& norm) : structure_(structure) {
  const bool numbered = structure.stem == ResnetStructure::Stem::kTorchvision;
  const ConvNorm::Names names = numbered ? ConvNorm::Names{"0", "1"} : ConvNorm::Names{"conv1", "bn1"};
  const ConvolutionOptions convolution = {
      .in_channels = 3, .out_channels = kStemChannels, .kernel = 7, .stride = 2, .padding = 3};
  stem_ = ConvNorm(register_group(*this, "layer0"), names, convolution, norm);
  constexpr std::array<int64_t, 4> strides = {1, 2, 1, 1}, dilations = {1, 1, 2, 4};
  int64_t in_channels = kStemChannels;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const int64_t inside = structure.groups * structure.group_width << i;
    const int64_t out_channels = BottleneckImpl::kExpansion * kStemChannels << i;
    const Stage stage = {in_channels, out_channels, inside, strides[i], dilations[i]};
    layers_[i] = register_module("layer" + std::to_string(i + 1), make_layer(structure, i, stage, norm));
    in_channels = out_channels;
  }
}

torch::Tensor Resnet::pool(const torch::Tensor& x_NCHW) const {
  const bool padded = structure_.stem == ResnetStructure::Stem::kTorchvision;
  return at::max_pool2d(x_NCHW, 3, 2, padded ? 1 : 0, 1, /*ceil_mode=*/!padded);
}

TrunkFeatures Resnet::features(const torch::Tensor& images_NCHW, const DropoutDraw&) {
  TrunkFeatures features;
  features.fine_NCHW = checkpointed(layers_[0], pool(stem_.relu(images_NCHW)));
  features.middle_NCHW = checkpointed(layers_[1], features.fine_NCHW);
  features.last_NCHW = checkpointed(layers_[3], checkpointed(layers_[2], features.middle_NCHW));
  return features;
}

TrunkChannels Resnet::channels() const { return {.fine = 256, .middle = 512, .last = 2048}; }

}  // namespace strata
