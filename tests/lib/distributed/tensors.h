#pragma once
// Tensors by rule and their comparison, for the tests of this folder.

#include "comm/communicator.h"
#include "support/rule.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace strata::testing {

// Values in [-1, 1), the same on every rank for the same name.
inline torch::Tensor rule_tensor(const std::string& name, const std::vector<int64_t>& shape,
                                 torch::ScalarType type = torch::kFloat64) {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  return torch::tensor(uniform(fnv1a64(name), static_cast<size_t>(n)), torch::kFloat64).view(shape).to(type);
}

// Parameters by their names.
inline void set_by_rule(torch::nn::Module& module) {
  const torch::NoGradGuard no_gradients;
  for (const auto& parameter : module.named_parameters()) {
    std::vector<int64_t> shape = parameter->sizes().vec();
    parameter->copy_(0.5 * rule_tensor(parameter.key(), shape));
  }
}

inline void expect_near(const torch::Tensor& actual, const torch::Tensor& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_LE((actual.to(torch::kFloat64) - expected.to(torch::kFloat64)).abs().max().item<double>(), tolerance) << what;
}

// The memory of a tensor, in logical order.
inline std::string bits(const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.detach().contiguous();
  return {static_cast<const char*>(dense.const_data_ptr()), dense.nbytes()};
}

inline std::string gradient_bits(const torch::nn::Module& module) {
  std::string all;
  for (const torch::Tensor& parameter : module.parameters()) all += bits(parameter.grad());
  return all;
}

inline torch::Tensor sum_over_ranks(const torch::Tensor& tensor, const Communicator& comm) {
  torch::Tensor sum = tensor.detach().to(torch::kFloat64).contiguous().clone();
  comm.sum(std::span(sum.mutable_data_ptr<double>(), static_cast<size_t>(sum.numel())));
  return sum;
}

}  // namespace strata::testing
