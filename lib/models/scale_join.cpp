#include "models/scale_join.h"

namespace strata {

torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other) {
  return attended + (1 - attention) * other;
}

void ScaleJoin::join(double scale, const torch::Tensor& logits_NCHW, const torch::Tensor& attention_N1HW) {
  if (scale >= 1) pred_NCHW_ = resize_(pred_NCHW_, size_of(logits_NCHW));
  const ImageSize joint = size_of(pred_NCHW_);
  pred_NCHW_ = blend(resize_(attention_N1HW, joint), resize_(attention_N1HW * logits_NCHW, joint), pred_NCHW_);
}

}  // namespace strata
