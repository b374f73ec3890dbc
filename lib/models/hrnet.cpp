#include "models/hrnet.h"

#include "base/error.h"
#include "base/memory.h"
#include "models/activation_checkpoint.h"

#include <string>

namespace strata {

HrnetStructure hrnet_structure(Width width) {
  switch (width) {
    case Width::kW16Tiny:
      return {.stem_channels = 32,
              .stage1_channels = 16,
              .stage1_blocks = 1,
              .branch_channels = 16,
              .modules = {1, 1, 1},
              .blocks = 1};
    case Width::kW18Small:
      return {.stage1_blocks = 2, .branch_channels = 18, .modules = {1, 3, 2}, .blocks = 2};
    case Width::kW18:
      return {.branch_channels = 18};
    case Width::kW32:
      return {.branch_channels = 32};
    case Width::kW48:
      return {.branch_channels = 48};
  }
  throw InternalError("a width without a structure");
}

namespace {

std::vector<int64_t> stage_channels(const HrnetStructure& structure, int branches) {
  std::vector<int64_t> channels;
  for (int i = 0; i < branches; ++i) channels.push_back(structure.branch_channels << i);
  return channels;
}

constexpr int64_t kMuchMemory = 32 << 20;  // bytes; smaller tensors fit into what was freed (base/memory.h)

}  // namespace

Hrnet::Hrnet(const HrnetStructure& structure, const NormFactory& norm, BilinearResize resize) : resize_(resize) {
  const int64_t stem = structure.stem_channels;
  conv1_ = ConvNorm(*this, {"conv1", "bn1"}, conv3x3(3, stem).strided(2), norm);
  conv2_ = ConvNorm(*this, {"conv2", "bn2"}, conv3x3(stem, stem).strided(2), norm);
  layer1_ = register_module("layer1", Chain());
  std::vector<int64_t> channels = {stem};
  for (int64_t i = 0; i < structure.stage1_blocks; ++i) {
    const int64_t inside = structure.stage1_channels, out = BottleneckImpl::kExpansion * inside;
    layer1_->add(Bottleneck(BottleneckOptions{.in_channels = channels[0], .channels = inside, .out_channels = out}, norm));
    channels[0] = out;
  }
  for (int branches = 2; branches <= 4; ++branches) {
    const auto next = stage_channels(structure, branches);
    stages_.push_back(make_stage(channels, next, structure, norm));
    channels = next;
  }
  for (int64_t branch : channels) out_channels_ += branch;
}

Hrnet::Stage Hrnet::make_stage(const std::vector<int64_t>& in_channels, const std::vector<int64_t>& channels,
                               const HrnetStructure& structure, const NormFactory& norm) {
  Stage stage;
  const std::string number = std::to_string(channels.size());  // stage n has n branches
  auto& transition = register_group(*this, "transition" + std::to_string(channels.size() - 1));
  for (size_t i = 0; i < channels.size(); ++i) {
    Chain path{nullptr};
    if (i >= in_channels.size()) {
      Chain halving;  // the reference nests it
      halving->add_conv_norm_relu(conv3x3(in_channels.back(), channels[i]).strided(2), norm);
      path = Chain();
      path->add(halving);
    } else if (in_channels[i] != channels[i]) {
      path = Chain();
      path->add_conv_norm_relu(conv3x3(in_channels[i], channels[i]), norm);
    }
    if (!path.is_empty()) transition.register_module(std::to_string(i), path);
    stage.transition.push_back(path);
  }
  auto& modules = register_group(*this, "stage" + number);
  for (int64_t i = 0; i < structure.modules[channels.size() - 2]; ++i) {
    HrnetModule module(channels, structure.blocks, norm, resize_);
    stage.modules.push_back(modules.register_module(std::to_string(i), module));
  }
  return stage;
}

std::vector<torch::Tensor> Hrnet::run_stage(Stage& stage, const std::vector<torch::Tensor>& branches_NCHW) {
  std::vector<torch::Tensor> inputs;
  for (size_t i = 0; i < stage.transition.size(); ++i) {
    const torch::Tensor& source = i < branches_NCHW.size() ? branches_NCHW[i] : branches_NCHW.back();
    inputs.push_back(stage.transition[i].is_empty() ? source : stage.transition[i](source));
  }
  for (auto& module : stage.modules) {
    inputs = checkpointed(*module, inputs, [&module](TensorList x) { return module(std::move(x)); });
  }
  return inputs;
}

torch::Tensor Hrnet::joined(std::vector<torch::Tensor> branches_NCHW) const {
  const torch::Tensor finest = branches_NCHW.front();
  const ImageSize size = size_of(finest);
  if (torch::GradMode::is_enabled()) {
    for (auto& branch : branches_NCHW) branch = resize_(branch, size);
    return torch::cat(branches_NCHW, 1);
  }
  // Resized straight into their places, one after the other: this is where a network for inference needs most memory. Where that
  // is much, what the trunk has left goes back first.
  int64_t channels = 0;
  for (const auto& branch : branches_NCHW) channels += branch.size(1);
  const torch::Tensor all_NCHW =
      torch::empty({finest.size(0), channels, finest.size(2), finest.size(3)}, finest.options(), finest.suggest_memory_format());
  int64_t first = 0;
  for (auto& branch : branches_NCHW) {
    all_NCHW.narrow(1, first, branch.size(1)).copy_(resize_(branch, size));
    first += branch.size(1);
    branch.reset();
  }
  return all_NCHW;
}

TrunkFeatures Hrnet::features(const torch::Tensor& images_NCHW, const DropoutDraw&) {
  TensorList branches = {checkpointed(layer1_, conv2_.relu(conv1_.relu(images_NCHW)))};
  for (auto& stage : stages_) branches = run_stage(stage, branches);
  return {.fine_NCHW = {}, .middle_NCHW = {}, .last_NCHW = joined(std::move(branches))};
}

}  // namespace strata
