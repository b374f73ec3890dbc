#pragma once
// Random views of one sample: scale, crop, flip, RandAugment, colour jitter, blur, in the order of reference.md 1.4
// (docs/augmentation.md).
//
// Everything random is drawn before a pixel is read, each part from a stream of its own keyed by (seed, epoch, position,
// purpose). So a view is a pure function of its key, and only the source pixels that the crop shows are read, decoded and
// resized.

#include "data/dataset.h"
#include "image/image.h"
#include "image/resize.h"
#include "loader/rand_augment.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace strata {

struct AugmentOptions {
  int crop_height = 1024, crop_width = 1024;  // px; larger: more context, more memory
  // kWholeFrame: as large as the frame is stored, whatever crop_height and crop_width.
  enum class Crop { kFixed, kWholeFrame } crop = Crop::kFixed;
  // Where a frame smaller than the crop stands in it: in the middle, give or take a pixel, or anywhere.
  enum class SmallFrame { kInMiddle, kAnywhere } small_frame = SmallFrame::kInMiddle;
  double scale_min = 0.5, scale_max = 2.0;  // factor on the frame's size, uniform
  double flip = 0.5;                        // probability
  double color = 0.25;                      // strength of brightness, contrast, saturation, hue jitter, 0 to 0.5; 0: none
  RandAugmentOptions rand_augment = {};
  enum class Blur { kNone, kGaussian, kBilateral, kBilateralAsScikitImage } blur = Blur::kNone;  // image/bilateral.h
  int pre_size = 0;  // long edge before scaling, px; 0: as stored
};

// ConfigError where a number is out of its range.
void require_valid(const AugmentOptions& options);

// px of a view of a frame that is stored with height x width.
struct ViewSize {
  int height = 0, width = 0;
  bool operator==(const ViewSize&) const = default;
};
ViewSize view_size(const AugmentOptions& options, int height, int width);

// What identifies a view: the run's seed, the epoch, and the position in the epoch (not the sample: it may be drawn twice).
struct AugmentKey {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t position = 0;
};

// One of brightness, contrast, saturation, hue (image/color.h).
struct ColorStep {
  void (*adjust)(Image&, double) = nullptr;
  double strength = 0;
  bool operator==(const ColorStep&) const = default;
};

// One of image/blur.h and image/bilateral.h; sigma in px.
struct BlurStep {
  Image (*blur)(const Image&, double) = nullptr;
  double sigma = 0;
  bool operator==(const BlurStep&) const = default;
};

struct AugmentPlan {
  int height = 0, width = 0;  // of the scaled frame, px
  Window crop = {};           // in the scaled frame; beyond it the view is black and ignored
  bool flip = false;
  std::vector<RandStep> rand_augment = {};             // in order of application
  std::optional<std::array<ColorStep, 4>> color = {};  // in order of application
  std::optional<BlurStep> blur = {};
  bool operator==(const AugmentPlan&) const = default;
};

// `height`, `width` of the stored frame. With a centroid the crop holds the scaled frame's pixel that shows it (the reference's
// range begins one pixel lower, so that its crop may just miss it); without one it lies anywhere.
AugmentPlan plan_augmentation(const AugmentOptions& options, int height, int width, const std::optional<Centroid>& centroid,
                              const AugmentKey& key);

struct AugmentedSample {
  Image frame;   // RGB of view_size()
  Image labels;  // train ids and ignore_id
};

// Thread-safe. DataError as read_frame() and read_labels().
AugmentedSample read_augmented(const Dataset& dataset, size_t sample, const AugmentPlan& plan);

}  // namespace strata
