#pragma once

#include "losses/loss.h"

namespace strata {

struct ImageWeightOptions {
  // Whose pixels decide how rare a class is.
  enum class Source {
    kBatch,     // of the global batch; losses are averaged over images
    kImage,     // of each image by itself; averaged likewise
    kReference  // of the batch, as the reference computes it: see below
  } source = Source::kBatch;
  double bound = 1.0;  // larger: rare classes count more; 0: all the same
};

// Cross entropy whose classes weigh the more the rarer they are (reference.md 1.3.4): with f_c the share of class c among the
// valid pixels,
//   w_c = bound (1 - f_c) + 1 for classes that occur, else 1;  loss of an image = sum w_y (-log softmax) / sum w_y.
// An image without a valid pixel counts as 0 (there: NaN).
//
// kReference sums the losses of images instead of averaging them, so that the batch size scales the gradient, and its histogram
// counts pixels of an ignore id that equals C as class C - 1 (Mapillary Vistas: 65). Needs scope.class_pixels and, there,
// scope.ignored_pixels.
class ImageWeightedCrossEntropyLoss : public SegmentationLoss {
 public:
  ImageWeightedCrossEntropyLoss(int64_t ignore_id, const ImageWeightOptions& options)
      : ignore_id_(ignore_id), options_(options) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  std::vector<double> weights_of(std::vector<int64_t> class_pixels) const;

  int64_t ignore_id_;
  ImageWeightOptions options_;
};

}  // namespace strata
