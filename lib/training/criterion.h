#pragma once
// The weighted sum of losses that a network is trained with (reference.md 1.3.4).

#include "comm/communicator.h"
#include "losses/hard_pixels.h"
#include "losses/image_weighted_cross_entropy.h"
#include "losses/loss.h"
#include "losses/relaxed_border.h"
#include "models/segmentation_model.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace strata {

struct LossOptions {
  enum class Name {
    kCrossEntropy,
    kRmi,
    kImageWeighted,
    kRelaxedBorder,
    kHardPixels
  } name = Name::kRmi;                    // "cross_entropy" | "rmi" | "image_weighted" | "relaxed_border" | "ohem"
  double ocr_alpha = 0.4;                 // weight of the auxiliary head
  bool ocr_aux_rmi = false;               // with rmi, whether the auxiliary head has RMI, too, and not its BCE part alone
  double supervised_mscale_weight = 0.0;  // weight of each scale's own prediction
  enum class Normalisation {
    kGlobal,
    kPerRank
  } normalisation = Normalisation::kGlobal;  // kPerRank: the reference's mean of rank means
  std::vector<double> class_weights;         // one a class, or none; of cross_entropy and ohem
  ImageWeightOptions image_weights;          // of image_weighted
  RelaxedBorderOptions relaxed_border;       // of relaxed_border
  HardPixelOptions hard_pixels;              // of ohem
};

// ConfigError where the options do not fit the number of classes.
void require_fitting(const LossOptions& options, int num_classes);

// The heads beside the main one have the loss of that name; but with rmi its BCE part, and with ohem plain (class-weighted) cross
// entropy, as the reference and HRNet-OCR have it.
class Criterion {
 public:
  // ConfigError as require_fitting().
  Criterion(const LossOptions& options, int num_classes, int ignore_id);

  struct Terms {
    torch::Tensor total;                         // scalar: this rank's share, to be differentiated
    std::map<std::string, torch::Tensor> parts;  // detached, weighted, adding up to it: "main" or, of a loss of several
                                                 // terms, "main_bce", "main_rmi"; "aux" likewise, "lo" (the
                                                 // scales below 1 together), "hi" (from 1 on)
  };
  // Logits of 16 bits are widened first.
  Terms share(const TrainingOutputs& outputs, const torch::Tensor& labels_NHW, const LossScope& scope) const;

 private:
  LossOptions options_;
  std::unique_ptr<SegmentationLoss> main_, aux_, scale_;
};

}  // namespace strata
