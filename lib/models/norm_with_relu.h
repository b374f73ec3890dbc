#pragma once

#include <torch/types.h>

namespace strata {

// What a norm may be besides a module (segmentation_model.h): one that computes what follows it in the same walk over memory. The
// same values as forward(x).relu_() and (forward(x) += residual).relu_(), and their gradients.
class NormWithRelu {
 public:
  virtual ~NormWithRelu() = default;
  virtual torch::Tensor relu(const torch::Tensor& x_NCHW) = 0;
  virtual torch::Tensor add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW) = 0;
};

}  // namespace strata
