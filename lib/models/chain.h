#pragma once
// Steps one after another.

#include "models/convolution.h"

#include <functional>
#include <string>
#include <vector>

namespace strata {

// A sequence of modules from tensor to tensor, registered as "0", "1", .... Unlike torch::nn::Sequential, whose forward is a
// template, it can be an element of another one, which the reference's tensor names need ("conv3x3_ocr.1.0.weight").
class ChainImpl : public torch::nn::Module {
 public:
  torch::Tensor forward(torch::Tensor x);

  // All append and return this for the next one. `Holder`: a module from tensor to tensor.
  template <typename Holder>
  ChainImpl& add(const Holder& module) {
    register_next(module.ptr());
    return add_step([implementation = module.ptr()](const torch::Tensor& x) { return implementation->forward(x); });
  }
  // Convolution "i" and its norm "i+1"; with a ReLU, which is "i+2".
  ChainImpl& add_conv_norm(const ConvolutionOptions& options, const NormFactory& norm);
  ChainImpl& add_conv_norm_relu(const ConvolutionOptions& options, const NormFactory& norm);
  // The same as add_conv_norm_relu(), but norm and ReLU are a chain of their own: "i+1.0".
  ChainImpl& add_conv_with_norm_relu(const ConvolutionOptions& options, const NormFactory& norm);
  ChainImpl& add_relu();

 private:
  using Step = std::function<torch::Tensor(const torch::Tensor&)>;
  ChainImpl& add_step(Step step);
  ConvNorm make_conv_norm(const ConvolutionOptions& options, const NormFactory& norm);
  void register_next(std::shared_ptr<torch::nn::Module> module);

  std::vector<Step> steps_;
  size_t names_ = 0;  // given so far
};
TORCH_MODULE(Chain);

// Registers a norm as a child of `owner` and returns it.
NormModule register_norm(torch::nn::Module& owner, const std::string& name, NormModule norm);

// A child of `owner` that only holds others under a name.
torch::nn::Module& register_group(torch::nn::Module& owner, const std::string& name);

}  // namespace strata
