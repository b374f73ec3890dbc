#pragma once
// Modules one after another.

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <string>
#include <vector>

namespace strata {

// A sequence of modules from tensor to tensor, registered as "0", "1", .... Unlike torch::nn::Sequential, whose forward is a
// template, it can be an element of another one, which the reference's tensor names need ("conv3x3_ocr.1.0.weight").
class ChainImpl : public torch::nn::Module {
 public:
  torch::Tensor forward(torch::Tensor x);

  // Appends a module; returns this for the next one.
  ChainImpl& add(torch::nn::AnyModule module);
  template <typename Holder>
  ChainImpl& add(const Holder& module) {
    return add(torch::nn::AnyModule(module));
  }

 private:
  std::vector<torch::nn::AnyModule> modules_;
};
TORCH_MODULE(Chain);

// Registers a norm as a child of `owner` and returns it.
torch::nn::AnyModule register_norm(torch::nn::Module& owner, const std::string& name, torch::nn::AnyModule norm);

// A child of `owner` that only holds others under a name.
torch::nn::Module& register_group(torch::nn::Module& owner, const std::string& name);

// ReLU that overwrites its input.
torch::nn::ReLU relu_in_place();

// Options of the two kinds of convolution that all networks here are made of: no bias; 3x3 padded to keep the size.
torch::nn::Conv2dOptions conv3x3(int64_t in_channels, int64_t out_channels);
torch::nn::Conv2dOptions conv1x1(int64_t in_channels, int64_t out_channels);

}  // namespace strata
