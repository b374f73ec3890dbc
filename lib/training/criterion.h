#pragma once
// The weighted sum of losses that a network is trained with (reference.md 1.3.4).

#include "comm/communicator.h"
#include "losses/loss.h"
#include "models/segmentation_model.h"

#include <map>
#include <memory>
#include <string>

namespace strata {

struct LossOptions {
  enum class Name { kCrossEntropy, kRmi } name = Name::kRmi;  // "cross_entropy" | "rmi"
  double ocr_alpha = 0.4;                                     // weight of the auxiliary head (with rmi: its BCE part only)
  double supervised_mscale_weight = 0.0;  // weight of each scale's own prediction (BCE, or CE with cross_entropy)
  enum class Normalisation {
    kGlobal,
    kPerRank
  } normalisation = Normalisation::kGlobal;  // kPerRank: the reference's mean of rank means
};

class Criterion {
 public:
  Criterion(const LossOptions& options, int num_classes, int ignore_id);

  struct Terms {
    torch::Tensor total;                         // scalar: this rank's share, to be differentiated
    std::map<std::string, torch::Tensor> parts;  // detached, weighted: "main", "aux", "lo", "hi"
  };
  Terms share(const TrainingOutputs& outputs, const torch::Tensor& labels_NHW, const LossScope& scope) const;

 private:
  LossOptions options_;
  std::unique_ptr<SegmentationLoss> main_, aux_, scale_;
};

}  // namespace strata
