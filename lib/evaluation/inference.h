#pragma once
// One image through the network: scales, flip, size (reference.md 1.7).

#include "data/dataset.h"
#include "image/image.h"
#include "models/autocast.h"
#include "models/segmentation_model.h"

#include <utility>
#include <vector>

namespace strata {

struct InferenceOptions {
  std::vector<double> scales = {1.0};              // must contain 1, or be a single one
  enum class Flip { kNo, kYes } flip = Flip::kNo;  // kYes: also the mirrored frame; twice the time, a little better
  // What the network computes in, kFp32 or kBf16. kBf16: half the memory, and faster where processor or card have it; logits are
  // off by its rounding. Scales are combined in float32 either way.
  Precision precision = Precision::kFp32;
  // px: resize frame (bilinear) and labels (nearest) so that the longer edge has this length; 0: as stored
  int long_edge = 0;
  // px: resize frame (bicubic) and labels (nearest) to this height, then see the middle square only; 0: off. Not together with
  // long_edge
  int centre_crop = 0;
};

// Tensors are on the network's device, float32, at the frame's size.
struct ImageOutputs {
  torch::Tensor logits_CHW;  // averaged over flips
  std::vector<std::pair<double, torch::Tensor>>
      attention_HW;  // (scale, attention in [0, 1]) of the frame as it is, for scales below the top one
};

// Local. `frame` is RGB at its final size. The model must be in eval mode; no gradient is recorded. It computes in the precision
// that it was frozen in (open_network()), whatever the options say.
ImageOutputs infer_image(SegmentationModel& model, const Image& frame, const InferenceOptions& options, torch::Device device);

// Frame and train ids of a sample at the size that long_edge or centre_crop asks for. Local.
struct LabelledImage {
  Image frame;
  Image labels;  // train ids, ignore_id where not counted
};
LabelledImage read_labelled(const Dataset& dataset, size_t sample, const InferenceOptions& options);
// px. Both edges are multiplied by the factor long_edge / longer edge and truncated, as in the reference: the factor's rounding
// makes the longer one a pixel too short at a few sizes (of those below 8000 px, 4187, 4231 and 4341 at 2177). 0: unchanged.
struct ImageSize {
  int height = 0, width = 0;
  bool operator==(const ImageSize&) const = default;
};
ImageSize size_at_long_edge(int height, int width, int long_edge);
// The same resize for images from elsewhere.
LabelledImage resized_to_long_edge(LabelledImage image, int long_edge);
// The reference's crop-val: at this height, the middle edge x edge px; the width is truncated. Where the image is narrower, black
// and `ignore_id` on both sides (the reference shifts such an image and labels the border as class 0).
LabelledImage centre_cropped(const LabelledImage& image, int edge, uint8_t ignore_id);

}  // namespace strata
