#include "models/hrnet_module.h"

#include <string>

namespace strata {

namespace {

Chain make_branch(int64_t channels, int64_t blocks, const NormFactory& norm) {
  Chain branch;
  for (int64_t i = 0; i < blocks; ++i) branch->add(BasicBlock(channels, norm));
  return branch;
}

Chain make_path_up(int64_t from_channels, int64_t to_channels, const NormFactory& norm) {
  Chain path;
  path->add_conv_norm(conv1x1(from_channels, to_channels), norm);
  return path;
}

// `halvings` convolutions of stride 2; only the last one changes the number of channels and has no ReLU.
Chain make_path_down(int64_t from_channels, int64_t to_channels, size_t halvings, const NormFactory& norm) {
  Chain path;
  for (size_t step = 1; step <= halvings; ++step) {
    Chain halving;
    if (step < halvings) {
      halving->add_conv_norm_relu(conv3x3(from_channels, from_channels).strided(2), norm);
    } else {
      halving->add_conv_norm(conv3x3(from_channels, to_channels).strided(2), norm);
    }
    path->add(halving);
  }
  return path;
}

Chain make_path(const std::vector<int64_t>& channels, size_t target, size_t source, const NormFactory& norm) {
  if (source > target) return make_path_up(channels[source], channels[target], norm);
  return make_path_down(channels[source], channels[target], target - source, norm);
}

}  // namespace

HrnetModuleImpl::HrnetModuleImpl(const std::vector<int64_t>& branch_channels, int64_t blocks, const NormFactory& norm,
                                 BilinearResize resize)
    : resize_(resize) {
  auto& branches = register_group(*this, "branches");
  for (size_t i = 0; i < branch_channels.size(); ++i) {
    branches_.push_back(branches.register_module(std::to_string(i), make_branch(branch_channels[i], blocks, norm)));
  }
  auto& fuse_layers = register_group(*this, "fuse_layers");
  for (size_t target = 0; target < branch_channels.size(); ++target) {
    auto& row = register_group(fuse_layers, std::to_string(target));
    auto& paths = paths_.emplace_back(branch_channels.size(), Chain(nullptr));
    for (size_t source = 0; source < branch_channels.size(); ++source) {
      if (source == target) continue;
      paths[source] = row.register_module(std::to_string(source), make_path(branch_channels, target, source, norm));
    }
  }
}

torch::Tensor HrnetModuleImpl::fuse_into(size_t target, const std::vector<torch::Tensor>& branches_NCHW) {
  torch::Tensor sum;
  for (size_t source = 0; source < branches_NCHW.size(); ++source) {
    torch::Tensor term = branches_NCHW[source];
    if (source != target) term = resize_(paths_[target][source](term), size_of(branches_NCHW[target]));
    if (source < 2) {  // the first term may be a branch, which others read
      sum = source == 0 ? term : sum + term;
    } else {
      sum += term;
    }
  }
  return sum.relu_();
}

std::vector<torch::Tensor> HrnetModuleImpl::forward(std::vector<torch::Tensor> branches_NCHW) {
  for (size_t i = 0; i < branches_.size(); ++i) branches_NCHW[i] = branches_[i](branches_NCHW[i]);
  std::vector<torch::Tensor> fused;
  for (size_t target = 0; target < branches_.size(); ++target) fused.push_back(fuse_into(target, branches_NCHW));
  return fused;
}

}  // namespace strata
