#pragma once

#include "losses/loss.h"

namespace strata {

struct HardPixelOptions {
  double threshold = 0.9;  // pixels whose own class has a smaller probability count; larger: more pixels
  int64_t keep = 131072;   // pixels of a sample that count at least, the hardest ones
};

// Online hard example mining (Shrivastava et al. 2016) as HRNet-OCR does it, but per sample: with p the probability of a pixel's
// own class and p_k the keep-th smallest of the sample, the pixels with p < threshold or p <= p_k count;
//   loss of a sample = mean over them of w_y (-log p), averaged over samples.
// There, one choice is made among all pixels of a rank, so that the loss depends on how samples are spread over ranks. Ties at
// p_k all count. A sample without a valid pixel counts as 0. `class_weights`: one a class, or none.
class HardPixelLoss : public SegmentationLoss {
 public:
  HardPixelLoss(int64_t ignore_id, const HardPixelOptions& options, std::vector<double> class_weights = {})
      : ignore_id_(ignore_id), options_(options), class_weights_(std::move(class_weights)) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  torch::Tensor loss_of_sample(const torch::Tensor& log_p_1CHW, const torch::Tensor& label_1HW) const;

  int64_t ignore_id_;
  HardPixelOptions options_;
  std::vector<double> class_weights_;
};

}  // namespace strata
