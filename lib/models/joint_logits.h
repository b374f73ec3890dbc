#pragma once
// One prediction out of several scales without their full-size logits (Tao, Sapra, Catanzaro 2020, section 3.1).

#include "models/row_resize.h"

#include <vector>

namespace strata {

// Sigmoid and blending happen in float32 at least.
torch::Tensor at_least_fp32(const torch::Tensor& x);

// What one scale says, at the resolution of its decoder.
struct ScaleLogits {
  double scale;
  ImageSize input_size;          // of the scaled image, to which both are resized
  torch::Tensor logits_NChw;     // any floating type
  torch::Tensor attention_N1hw;  // undefined for the first
};

// With l_s and a_s logits and attention of scale s at the size of its input, U resizing to the size of the joint prediction:
// joining scale s < 1 gives U(a_s l_s) + (1 - U(a_s)) pred, the product formed before the resize; joining s >= 1 gives a_s l_s +
// (1 - a_s) U(pred). The prediction is resized to the image in the end.
//
// All of it is local along the rows, so rows of the result are computed from the few rows of every scale that they need: nothing
// of full size exists but what is asked for. Equal to resizing whole tensors within rounding.
class JointLogits {
 public:
  JointLogits(BilinearResize resize, ImageSize image) : resize_(resize), image_(image) {}

  bool empty() const { return scales_.empty(); }
  // From the largest scale to the smallest.
  void add(const ScaleLogits& scale);

  // N x C x count x W of the image, float32 (double where logits are). At least one scale must be there.
  torch::Tensor rows(RowRange rows) const;
  torch::Tensor whole() const;  // N x C x H x W

 private:
  ImageSize joint_size(size_t last) const;                          // of the prediction from scales 0 to `last`
  torch::Tensor joint_rows(size_t last, RowRange rows) const;       // the same
  torch::Tensor logits_rows(size_t scale, RowRange rows) const;     // at the scale's input size
  torch::Tensor attention_rows(size_t scale, RowRange rows) const;  // the same

  BilinearResize resize_;
  ImageSize image_;
  std::vector<ScaleLogits> scales_;
};

}  // namespace strata
