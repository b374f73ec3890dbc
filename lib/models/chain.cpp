#include "models/chain.h"

#include <memory>
#include <utility>

namespace strata {

torch::Tensor ChainImpl::forward(torch::Tensor x) {
  for (auto& step : steps_) x = step(x);
  return x;
}

ChainImpl& ChainImpl::add_step(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

void ChainImpl::register_next(std::shared_ptr<torch::nn::Module> module) {
  register_module(std::to_string(names_++), std::move(module));
}

ConvNorm ChainImpl::make_conv_norm(const ConvolutionOptions& options, const NormFactory& norm) {
  const std::string convolution = std::to_string(names_++), its_norm = std::to_string(names_++);
  return ConvNorm(*this, {convolution, its_norm}, options, norm);
}

ChainImpl& ChainImpl::add_conv_norm(const ConvolutionOptions& options, const NormFactory& norm) {
  return add_step([unit = make_conv_norm(options, norm)](const torch::Tensor& x) mutable { return unit(x); });
}

ChainImpl& ChainImpl::add_conv_norm_relu(const ConvolutionOptions& options, const NormFactory& norm) {
  add_step([unit = make_conv_norm(options, norm)](const torch::Tensor& x) mutable { return unit.relu(x); });
  ++names_;
  return *this;
}

ChainImpl& ChainImpl::add_conv_with_norm_relu(const ConvolutionOptions& options, const NormFactory& norm) {
  const Convolution convolution(options);
  register_next(convolution.ptr());
  auto& group = register_group(*this, std::to_string(names_++));
  ConvNorm unit(convolution, register_norm(group, "0", norm(options.out_channels)));
  return add_step([unit](const torch::Tensor& x) mutable { return unit.relu(x); });
}

ChainImpl& ChainImpl::add_relu() {
  ++names_;
  return add_step([](const torch::Tensor& x) { return x.relu(); });
}

NormModule register_norm(torch::nn::Module& owner, const std::string& name, NormModule norm) {
  owner.register_module(name, norm.ptr());
  return norm;
}

torch::nn::Module& register_group(torch::nn::Module& owner, const std::string& name) {
  return *owner.register_module(name, std::make_shared<torch::nn::Module>(name));
}

}  // namespace strata
