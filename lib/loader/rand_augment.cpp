#include "loader/rand_augment.h"

#include "image/affine.h"
#include "image/color.h"
#include "image/sharpness.h"
#include "image/tone.h"

#include <array>

namespace strata {
namespace {

constexpr double kGreatestMagnitude = 30;

// Values at magnitude 0 and at the greatest.
struct Strength {
  double least = 0, greatest = 0;
  bool either_way = false;
};

// By RandOperation.
constexpr std::array<Strength, kRandOperationCount> kStrengths = {{
    {0, 1},           // identity
    {0, 0.3, true},   // shear x
    {0, 0.3, true},   // shear y
    {0, 0.33, true},  // translate x
    {0, 0.33, true},  // translate y
    {0, 30, true},    // rotate
    {0, 1},           // autocontrast
    {0, 1},           // invert
    {0, 1},           // equalize
    {0, 110},         // solarize
    {4, 8},           // posterize
    {0.1, 1.9},       // colour
    {0.1, 1.9},       // brightness
    {0.1, 1.9},       // sharpness
}};

using Transform = Image (*)(const Image&, const Affine&, uint8_t);

void move_both(const Affine& map, Transform transform_frame, Image& frame, Image& labels, uint8_t ignore_id) {
  frame = transform_frame(frame, map, 0);
  labels = transform_nearest(labels, map, ignore_id);
}

}  // namespace

std::vector<RandStep> draw_rand_augment(const RandAugmentOptions& options, RandomStream& random) {
  std::vector<RandStep> steps(static_cast<size_t>(options.operations));
  for (RandStep& step : steps) {
    const size_t operation = random.below(kRandOperationCount);
    const bool backward = random.below(2) == 1;
    const Strength& strength = kStrengths[operation];
    const double value = options.magnitude / kGreatestMagnitude * (strength.greatest - strength.least) + strength.least;
    step = {static_cast<RandOperation>(operation), strength.either_way && backward ? -value : value};
  }
  return steps;
}

void apply(const RandStep& step, Image& frame, Image& labels, uint8_t ignore_id) {
  const double value = step.value;
  const auto move = [&](const Affine& map, Transform transform_frame) {
    move_both(map, transform_frame, frame, labels, ignore_id);
  };
  switch (step.operation) {
    case RandOperation::kIdentity:
      return;
    case RandOperation::kShearX:
      return move({.xy = value}, transform_bilinear);
    case RandOperation::kShearY:
      return move({.yx = value}, transform_bilinear);
    case RandOperation::kTranslateX:
      return move({.x0 = value * frame.width}, transform_bilinear);
    case RandOperation::kTranslateY:
      return move({.y0 = value * frame.height}, transform_bilinear);
    case RandOperation::kRotate:
      return move(rotation(value, frame.height, frame.width), transform_nearest);
    case RandOperation::kAutocontrast:
      return autocontrast(frame);
    case RandOperation::kInvert:
      return invert(frame);
    case RandOperation::kEqualize:
      return equalize(frame);
    case RandOperation::kSolarize:
      return solarize(frame, value);
    case RandOperation::kPosterize:
      return posterize(frame, static_cast<int>(value));
    case RandOperation::kColor:
      return adjust_saturation(frame, value);
    case RandOperation::kBrightness:
      return adjust_brightness(frame, value);
    case RandOperation::kSharpness:
      return adjust_sharpness(frame, value);
  }
}

}  // namespace strata
