#include "models/chain.h"

#include <memory>
#include <utility>

namespace strata {

torch::Tensor ChainImpl::forward(torch::Tensor x) {
  for (auto& module : modules_) x = module.forward<torch::Tensor>(std::move(x));
  return x;
}

ChainImpl& ChainImpl::add(torch::nn::AnyModule module) {
  register_module(std::to_string(modules_.size()), module.ptr());
  modules_.push_back(std::move(module));
  return *this;
}

torch::nn::AnyModule register_norm(torch::nn::Module& owner, const std::string& name, torch::nn::AnyModule norm) {
  owner.register_module(name, norm.ptr());
  return norm;
}

torch::nn::Module& register_group(torch::nn::Module& owner, const std::string& name) {
  return *owner.register_module(name, std::make_shared<torch::nn::Module>(name));
}

torch::nn::ReLU relu_in_place() { return torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)); }

torch::nn::Conv2dOptions conv3x3(int64_t in_channels, int64_t out_channels) {
  return torch::nn::Conv2dOptions(in_channels, out_channels, 3).padding(1).bias(false);
}

torch::nn::Conv2dOptions conv1x1(int64_t in_channels, int64_t out_channels) {
  return torch::nn::Conv2dOptions(in_channels, out_channels, 1).bias(false);
}

}  // namespace strata
