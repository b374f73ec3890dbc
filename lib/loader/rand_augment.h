#pragma once
// RandAugment (Cubuk et al. 2020) as the reference does it: N of 14 operations, drawn with replacement, all of strength M
// (reference.md 1.4, step 4).

#include "base/random.h"
#include "image/image.h"

#include <vector>

namespace strata {

struct RandAugmentOptions {
  // N of a view; more: views less like frames; 0: off
  int operations = 0;
  // M, 0 to 30; larger: stronger shears, moves, turns; colour, brightness and sharpness are strongest at both ends
  int magnitude = 10;
};

enum class RandOperation {
  kIdentity,
  kShearX,
  kShearY,
  kTranslateX,
  kTranslateY,
  kRotate,
  kAutocontrast,
  kInvert,
  kEqualize,
  kSolarize,
  kPosterize,
  kColor,
  kBrightness,
  kSharpness,
};
inline constexpr int kRandOperationCount = 14;

// `value`: shear in px a px, shift as share of width or height, degrees (these three signed), threshold, bits or factor; without
// meaning for the others.
struct RandStep {
  RandOperation operation = RandOperation::kIdentity;
  double value = 0;
  bool operator==(const RandStep&) const = default;
};

// N steps in order of application, each operation equally likely; shears, shifts and turns go either way.
std::vector<RandStep> draw_rand_augment(const RandAugmentOptions& options, RandomStream& random);

// Frame (RGB) and labels of the same size, in place. Shears and shifts are bilinear in the frame and nearest in the labels, turns
// nearest in both; where a frame has no pixel it becomes black and the label `ignore_id` (the reference writes 255 always). The
// other operations leave labels alone.
void apply(const RandStep& step, Image& frame, Image& labels, uint8_t ignore_id);

}  // namespace strata
