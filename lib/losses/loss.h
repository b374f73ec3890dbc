#pragma once
// A loss is a function of the global batch. Each rank computes its *share*: shares of all ranks and micro-batches add up to the
// loss that one process with the whole batch would have.

#include "losses/singular_terms.h"

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// Of the whole global batch; counts are summed over ranks before backward.
struct LossScope {
  int64_t valid_pixels = 0;  // labels != ignore_id
  int64_t samples = 0;
  int64_t ignored_pixels = 0;
  std::vector<int64_t> class_pixels = {};  // one entry a class; for losses that weight classes
  uint64_t epoch = 0;                      // for losses that change in the course of a run
};

// Scalars that add up to a loss, with their names where it has several.
using LossTerms = std::vector<std::pair<std::string, torch::Tensor>>;

class SegmentationLoss {
 public:
  virtual ~SegmentationLoss() = default;
  // logits_NCHW float or double, labels_NHW int64 in [0, C) or ignored. A scalar tensor, differentiable: this rank's share.
  virtual torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                              const LossScope& scope) const = 0;
  // The same in terms that are worth a look each; they add up to share().
  virtual LossTerms terms(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const {
    return {{"", share(logits_NCHW, labels_NHW, scope)}};
  }
};

// Mean over valid pixels of -log softmax. 0 (not NaN) where no pixel of the global batch is valid. With class weights w, one a
// class: sum of w_y (-log softmax) over sum of w_y, as PyTorch and HRNet-OCR do; needs scope.class_pixels.
class CrossEntropyLoss : public SegmentationLoss {
 public:
  explicit CrossEntropyLoss(int64_t ignore_id, std::vector<double> class_weights = {})
      : ignore_id_(ignore_id), class_weights_(std::move(class_weights)) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t ignore_id_;
  std::vector<double> class_weights_;
};

// Region mutual information (Zhao et al. 2019, NeurIPS) with a pixel-wise part: lambda BCE + (1 - lambda) RMI, lambda = 0.5
// (reference.md 1.3.4). Negative values are right: RMI is a lower bound of a log determinant. Labels outside [0, C) are masked.
//
// The region part is a sum of terms, one a sample and class. A term whose covariance is not positive definite is tried again with
// a larger diagonal, and takes its own BCE in place of the region part where that does not help; the log says so. The reference
// throws there.
class RmiLoss : public SegmentationLoss {
 public:
  // `alpha`: added to the diagonals of covariances; another value than the paper's is for tests of the guard.
  explicit RmiLoss(int64_t num_classes, double alpha = 5e-4) : num_classes_(num_classes), alpha_(alpha) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;
  // "bce" and "rmi", both weighted.
  LossTerms terms(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t num_classes_;
  double alpha_;
  mutable SingularTerms singular_;  // only what was said of them
};

// The pixel-wise part of RMI alone: sigmoid BCE over valid pixels and classes / (valid + 1), not halved (do_rmi=False there).
class BinaryCrossEntropyLoss : public SegmentationLoss {
 public:
  explicit BinaryCrossEntropyLoss(int64_t num_classes) : num_classes_(num_classes) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t num_classes_;
};

}  // namespace strata
