#pragma once

#include <torch/types.h>

namespace strata {

// What a norm may be besides a module (segmentation_model.h): one that computes the ReLU of its output in the same walk over
// memory, forward and backward. The same values as forward(x).relu_(), and their gradients.
class NormWithRelu {
 public:
  virtual ~NormWithRelu() = default;
  virtual torch::Tensor relu(const torch::Tensor& x_NCHW) = 0;
};

}  // namespace strata
