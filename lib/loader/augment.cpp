#include "loader/augment.h"

#include "base/error.h"
#include "base/random.h"
#include "image/bilateral.h"
#include "image/blur.h"
#include "image/color.h"
#include "image/crop.h"
#include "loader/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace strata {
namespace {

// px
constexpr double kGaussianSigmaMin = 0.15, kGaussianSigmaMax = 1.30;
constexpr double kBilateralSigmaMin = 0.05, kBilateralSigmaMax = 0.75;

RandomStream stream_for(const AugmentKey& key, Purpose purpose) {
  return RandomStream({key.seed, key.epoch, key.position, purpose});
}

// Where a crop may begin on one axis, in the scaled frame: first .. last.
struct Range {
  int first = 0, last = 0;
};

// One axis of the scaled frame.
struct CropAxis {
  int length = 0, crop = 0;  // px
  AugmentOptions::SmallFrame small_frame = AugmentOptions::SmallFrame::kInMiddle;

  bool is_small() const { return length < crop; }
  Range possible_begins() const {
    if (!is_small()) return {0, length - crop};
    if (small_frame == AugmentOptions::SmallFrame::kAnywhere) return {length - crop, 0};
    // A border is added on both sides: the frame stands in the crop's middle, give or take a pixel.
    const int border = (crop - length) / 2 + 1;
    return {-border, length + border - crop};
  }
};

int draw_begin_anywhere(const CropAxis& axis, RandomStream& random) {
  const Range range = axis.possible_begins();
  return static_cast<int>(random.between(range.first, range.last));
}

int draw_begin_holding(int pixel, const CropAxis& axis, RandomStream& random) {
  const Range range = axis.possible_begins();
  return std::clamp(static_cast<int>(random.between(pixel - axis.crop + 1, pixel)), range.first, range.last);
}

std::array<ColorStep, 4> draw_color(double strength, RandomStream& random) {
  std::array<ColorStep, 4> steps = {{{adjust_brightness, random.uniform(1 - strength, 1 + strength)},
                                     {adjust_contrast, random.uniform(1 - strength, 1 + strength)},
                                     {adjust_saturation, random.uniform(1 - strength, 1 + strength)},
                                     {shift_hue, random.uniform(-strength, strength)}}};
  for (size_t i = steps.size(); i > 1; --i) std::swap(steps[i - 1], steps[random.below(i)]);
  return steps;
}

std::optional<BlurStep> draw_blur(AugmentOptions::Blur blur, RandomStream& random) {
  switch (blur) {
    case AugmentOptions::Blur::kNone:
      break;
    case AugmentOptions::Blur::kGaussian:
      return BlurStep{gaussian_blur, random.uniform(kGaussianSigmaMin, kGaussianSigmaMax)};
    case AugmentOptions::Blur::kBilateral:
      return BlurStep{bilateral_blur, random.uniform(kBilateralSigmaMin, kBilateralSigmaMax)};
    case AugmentOptions::Blur::kBilateralAsScikitImage:
      return BlurStep{bilateral_blur_as_scikit_image, random.uniform(kBilateralSigmaMin, kBilateralSigmaMax)};
  }
  return std::nullopt;
}

// What the crop shows of the scaled frame.
Window seen_part(const AugmentPlan& plan) { return intersection(plan.crop, {0, 0, plan.height, plan.width}); }

ResizePlan resize_plan(const Sample& sample, const AugmentPlan& plan, Filter filter) {
  return {static_cast<int>(sample.height), static_cast<int>(sample.width), plan.height, plan.width, filter};
}

// The crop's view of a picture whose seen part is `part`; `fill` elsewhere.
Image view_of(Image part, const AugmentPlan& plan, uint8_t fill) {
  const Window seen = seen_part(plan);
  if (seen == plan.crop) return part;
  Image view(plan.crop.height, plan.crop.width, part.channels, fill);
  paste(view, part, seen.y - plan.crop.y, seen.x - plan.crop.x);
  return view;
}

Image read_frame_view(const Dataset& dataset, size_t sample, const AugmentPlan& plan) {
  const ResizePlan resize = resize_plan(dataset.sample(sample), plan, Filter::kBicubic);
  const Window source = source_window_for(resize, seen_part(plan));
  return view_of(resize_window(read_frame(dataset, sample, source), source, resize, seen_part(plan)), plan, 0);
}

// Only pixels that the resize picks are mapped to train ids.
Image read_label_view(const Dataset& dataset, size_t sample, const AugmentPlan& plan) {
  const ResizePlan resize = resize_plan(dataset.sample(sample), plan, Filter::kNearest);
  const Window source = source_window_for(resize, seen_part(plan));
  Image picked = resize_window(read_labels_raw(dataset, sample, source), source, resize, seen_part(plan));
  if (map_to_train_ids(dataset.labels(), picked)) read_labels(dataset, sample, source);  // throws, and says where
  return view_of(std::move(picked), plan, dataset.labels().ignore_id);
}

}  // namespace

void require_valid(const AugmentOptions& options) {
  const auto require = [](bool holds, const std::string& what) {
    if (!holds) throw ConfigError("augmentation: " + what);
  };
  require(options.crop_height > 0 && options.crop_width > 0,
          fmt::format("crop {}x{} px: both sides must be positive", options.crop_width, options.crop_height));
  require(
      options.scale_min > 0 && options.scale_min <= options.scale_max,
      fmt::format("scale_min {} and scale_max {}: 0 < scale_min <= scale_max is needed", options.scale_min, options.scale_max));
  require(options.flip >= 0 && options.flip <= 1, fmt::format("flip {} is a probability, 0 to 1", options.flip));
  require(options.color >= 0 && options.color <= 0.5,
          fmt::format("color {} must lie in 0 to 0.5 (half the circle of hues)", options.color));
  require(options.rand_augment.operations >= 0,
          fmt::format("{} RandAugment operations cannot be applied: 0 (off) or more", options.rand_augment.operations));
  require(options.rand_augment.magnitude >= 0 && options.rand_augment.magnitude <= 30,
          fmt::format("RandAugment's magnitude {} must lie in 0 to 30", options.rand_augment.magnitude));
  require(options.pre_size >= 0, fmt::format("pre_size {} px must not be negative (0: as stored)", options.pre_size));
}

ViewSize view_size(const AugmentOptions& options, int height, int width) {
  if (options.crop == AugmentOptions::Crop::kWholeFrame) return {height, width};
  return {options.crop_height, options.crop_width};
}

AugmentPlan plan_augmentation(const AugmentOptions& options, int height, int width, const std::optional<Centroid>& centroid,
                              const AugmentKey& key) {
  AugmentPlan plan;
  double scale = stream_for(key, Purpose::kScale).uniform(options.scale_min, options.scale_max);
  if (options.pre_size > 0) scale *= static_cast<double>(options.pre_size) / std::max(height, width);
  plan.height = std::max(static_cast<int>(height * scale), 1);
  plan.width = std::max(static_cast<int>(width * scale), 1);

  RandomStream crop_stream = stream_for(key, Purpose::kCrop);
  const auto draw_begin = [&](int length, int crop, uint32_t Centroid::*at) {
    const CropAxis axis{length, crop, options.small_frame};
    // All of a small frame is seen wherever it stands.
    const bool anywhere = axis.is_small() && options.small_frame == AugmentOptions::SmallFrame::kAnywhere;
    if (!centroid || anywhere) return draw_begin_anywhere(axis, crop_stream);
    const int pixel = std::min(static_cast<int>((*centroid).*at * scale), length - 1);
    return draw_begin_holding(pixel, axis, crop_stream);
  };
  const ViewSize view = view_size(options, height, width);
  const int x = draw_begin(plan.width, view.width, &Centroid::x);
  const int y = draw_begin(plan.height, view.height, &Centroid::y);
  plan.crop = {y, x, view.height, view.width};

  plan.flip = stream_for(key, Purpose::kFlip).uniform() < options.flip;
  RandomStream rand_stream = stream_for(key, Purpose::kRandAugment);
  plan.rand_augment = draw_rand_augment(options.rand_augment, rand_stream);
  if (options.color > 0) {
    RandomStream color_stream = stream_for(key, Purpose::kColour);
    plan.color = draw_color(options.color, color_stream);
  }
  RandomStream blur_stream = stream_for(key, Purpose::kBlur);
  plan.blur = draw_blur(options.blur, blur_stream);
  return plan;
}

AugmentedSample read_augmented(const Dataset& dataset, size_t sample, const AugmentPlan& plan) {
  AugmentedSample view{read_frame_view(dataset, sample, plan), read_label_view(dataset, sample, plan)};
  if (plan.flip) {
    flip_horizontally(view.frame);
    flip_horizontally(view.labels);
  }
  for (const RandStep& step : plan.rand_augment) apply(step, view.frame, view.labels, dataset.labels().ignore_id);
  if (plan.color) {
    for (const ColorStep& step : *plan.color) step.adjust(view.frame, step.strength);
  }
  if (plan.blur) view.frame = plan.blur->blur(view.frame, plan.blur->sigma);
  return view;
}

}  // namespace strata
