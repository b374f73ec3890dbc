#pragma once

#include "losses/loss.h"

namespace strata {

struct RelaxedBorderOptions {
  int epochs = 0;  // from this epoch on borders are strict again, which is cross entropy; 0: never
};

// Label relaxation (Zhu et al. 2019, "Improving Semantic Segmentation via Video Propagation and Label Relaxation"): at a border
// any class of the neighbourhood is right. With S the set of classes of the valid labels in the 3x3 window around a valid pixel,
//   loss of a pixel = -log sum_{c in S} softmax_c,
// averaged over the valid pixels of the global batch. Within one class S has one element and this is cross entropy. Computed as a
// difference of two log-sum-exps: finite for all finite logits (there: log of a sum of probabilities, which may be 0). A pixel
// that is ignored stays so; the reference gives it the classes of its neighbours.
class RelaxedBorderLoss : public SegmentationLoss {
 public:
  RelaxedBorderLoss(int64_t num_classes, const RelaxedBorderOptions& options) : num_classes_(num_classes), options_(options) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t num_classes_;
  RelaxedBorderOptions options_;
};

}  // namespace strata
