#pragma once
// How predictions of two scales become one (Tao, Sapra, Catanzaro 2020, section 3.1).

#include "models/resize_bilinear.h"

namespace strata {

// With l_s the logits of scale s and a_s its attention, U resizing to the size of the joint prediction: joining scale s < 1 gives
// U(a_s l_s) + (1 - U(a_s)) pred, the product formed before the resize; joining s >= 1 gives a_s l_s + (1 - a_s) U(pred).
// Scales are joined from the largest to the smallest.
class ScaleJoin {
 public:
  explicit ScaleJoin(BilinearResize resize) : resize_(resize) {}

  bool empty() const { return !pred_NCHW_.defined(); }
  // The largest scale, whose attention is not looked at. At the size of its input.
  void start(const torch::Tensor& logits_NCHW) { pred_NCHW_ = logits_NCHW; }
  // Both at the size of the scale's input.
  void join(double scale, const torch::Tensor& logits_NCHW, const torch::Tensor& attention_N1HW);
  torch::Tensor prediction(ImageSize size) const { return resize_(pred_NCHW_, size); }

 private:
  BilinearResize resize_;
  torch::Tensor pred_NCHW_;
};

// attended + (1 - attention) other
torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other);

}  // namespace strata
