#include "losses/hard_pixels.h"

#include "losses/class_weights.h"
#include "losses/masked_targets.h"

#include <algorithm>

namespace strata {

torch::Tensor HardPixelLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                   const LossScope& scope) const {
  require_matching(logits_NCHW, labels_NHW, logits_NCHW.size(1));
  const torch::Tensor log_p_NCHW = logits_NCHW.log_softmax(1);
  torch::Tensor sum = torch::zeros({}, logits_NCHW.options());
  for (int64_t i = 0; i < logits_NCHW.size(0); ++i) {
    sum = sum + loss_of_sample(log_p_NCHW.narrow(0, i, 1), labels_NHW.narrow(0, i, 1));
  }
  return sum / static_cast<double>(scope.samples);
}

torch::Tensor HardPixelLoss::loss_of_sample(const torch::Tensor& log_p_1CHW, const torch::Tensor& label_1HW) const {
  const torch::Tensor valid_1HW = label_1HW.ne(ignore_id_);
  const torch::Tensor losses_P =
      at::nll_loss2d(log_p_1CHW, label_1HW, class_weight_tensor(class_weights_, log_p_1CHW), at::Reduction::None, ignore_id_)
          .masked_select(valid_1HW);
  const int64_t pixels = losses_P.numel();
  if (pixels <= options_.keep) return losses_P.sum() / static_cast<double>(std::max<int64_t>(pixels, 1));
  const torch::Tensor own_1HW = label_1HW.masked_fill(valid_1HW.logical_not(), 0);
  const torch::Tensor p_P = log_p_1CHW.detach().gather(1, own_1HW.unsqueeze(1)).squeeze(1).masked_select(valid_1HW).exp();
  // What is easy is left out, not what is hard chosen: NaN is neither, and must show.
  const torch::Tensor kth = std::get<0>(p_P.kthvalue(options_.keep));
  const torch::Tensor hard_P = p_P.ge(options_.threshold).logical_and(p_P.gt(kth)).logical_not();
  return losses_P.masked_select(hard_P).mean();
}

}  // namespace strata
