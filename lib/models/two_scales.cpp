#include "models/two_scales.h"

namespace strata {

torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other) {
  return attended + (1 - attention) * other;
}

TrainingOutputs join_two_scales(const TwoScales& scales, double low_scale, const BilinearResize& resize) {
  const auto to_full = [&](const torch::Tensor& x) { return resize(x, scales.high_size); };
  const auto to_low = [&](const torch::Tensor& x) { return resize(x, scales.low_size); };

  const torch::Tensor attention_N1hw = to_low(scales.attention_N1hw), attention_N1HW = to_full(attention_N1hw);
  const torch::Tensor low_logits_NChw = to_low(scales.low.logits_NCHW);
  const torch::Tensor high_NCHW = to_full(scales.high.logits_NCHW);
  TrainingOutputs outputs;
  outputs.pred_scales_NCHW = {{low_scale, to_full(low_logits_NChw)}, {1, high_NCHW}};
  outputs.pred_NCHW = blend(attention_N1HW, to_full(attention_N1hw * low_logits_NChw), high_NCHW);
  if (scales.low.aux_NCHW.defined()) {
    const torch::Tensor low_aux_NChw = to_low(scales.low.aux_NCHW);
    outputs.aux_NCHW = blend(attention_N1HW, to_full(attention_N1hw * low_aux_NChw), to_full(scales.high.aux_NCHW));
  }
  return outputs;
}

}  // namespace strata
