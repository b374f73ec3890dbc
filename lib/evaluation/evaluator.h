#pragma once
// A split through the network: every image exactly once, whatever the number of ranks.

#include "comm/communicator.h"
#include "data/dataset.h"
#include "evaluation/confusion.h"
#include "evaluation/inference.h"
#include "models/segmentation_model.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace strata {

struct ImageResult {
  uint32_t sample = 0;
  std::vector<int64_t> confusion;  // C x C, row-major, rows = ground truth
  double loss = 0;                 // cross entropy per valid pixel of the averaged logits; 0 where no pixel is valid
  int64_t pixels = 0, valid_pixels = 0;
};

struct SplitResult {
  std::vector<ImageResult> images;  // all of the split, by sample index; on root only
  ConfusionMatrix confusion;        // on every rank
  double val_loss = 0;              // by valid pixels; on every rank, the same bits for any number of ranks of as many threads
  double val_loss_reference = 0;    // weighted by all pixels, as the reference does
  bool complete = true;             // false where stop() asked to leave early: the above is then about what was done
};

struct EvaluationHooks {
  // Called on the rank that did the image, after it.
  std::function<void(const ImageResult&, const ImageOutputs&)> on_image;
  // Asked between rounds (one image on each rank); collective. True: leave early.
  std::function<bool()> stop;
  // Called on root between rounds with the images finished on all ranks.
  std::function<void(size_t done, size_t total)> on_progress;
  // Results of an earlier call that left early, read on root only: these images are not done again.
  std::vector<ImageResult> finished;
};

// Collective. Images not yet finished are dealt out in turn: rank r takes r, r + n, ... of them. An error on one rank is thrown
// on all. The model is put into eval mode and back; no gradient is recorded.
SplitResult evaluate_split(SegmentationModel& model, const Dataset& dataset, const InferenceOptions& options,
                           const Communicator& comm, torch::Device device, const EvaluationHooks& hooks = {});

}  // namespace strata
