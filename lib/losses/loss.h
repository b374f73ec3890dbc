#pragma once
// A loss is a function of the global batch. Each rank computes its *share*: shares of all ranks and micro-batches add up to the
// loss that one process with the whole batch would have.

#include <torch/types.h>

#include <memory>
#include <string>

namespace strata {

// Over the whole global batch; summed over ranks before backward.
struct LossScope {
  int64_t valid_pixels = 0;  // labels != ignore_id
  int64_t samples = 0;
};

class SegmentationLoss {
 public:
  virtual ~SegmentationLoss() = default;
  // logits_NCHW float or double, labels_NHW int64 in [0, C) or ignored. A scalar tensor, differentiable: this rank's share.
  virtual torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                              const LossScope& scope) const = 0;
};

// Mean over valid pixels of -log softmax. 0 (not NaN) where no pixel of the global batch is valid.
class CrossEntropyLoss : public SegmentationLoss {
 public:
  explicit CrossEntropyLoss(int64_t ignore_id) : ignore_id_(ignore_id) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t ignore_id_;
};

// Region mutual information (Zhao et al. 2019, NeurIPS) with a pixel-wise part: lambda BCE + (1 - lambda) RMI, lambda = 0.5
// (reference.md 1.3.4). Negative values are right: RMI is a lower bound of a log determinant. Labels outside [0, C) are masked.
class RmiLoss : public SegmentationLoss {
 public:
  explicit RmiLoss(int64_t num_classes) : num_classes_(num_classes) {}
  torch::Tensor share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const LossScope& scope) const override;

 private:
  int64_t num_classes_;
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
