#pragma once
// Colour jitter's four operations on RGB, in place, byte for byte as Pillow does them (reference.md 1.4, step 5).
//
// Brightness, contrast and saturation mix the picture with a dull one: dull + factor (picture - dull), in float32, clipped and
// truncated to 8 bits. Factor 1 leaves it as it is, 0 gives the dull one, above 1 exaggerates.

#include "image/image.h"

namespace strata {

void adjust_brightness(Image& rgb, double factor);  // dull: black
void adjust_contrast(Image& rgb, double factor);    // dull: the mean grey level everywhere
void adjust_saturation(Image& rgb, double factor);  // dull: each pixel's grey level

// Turns the hue by `turns` of the colour circle (-1..1) in 8-bit HSV. The way there and back rounds, so 0 changes some pixels
// too.
void shift_hue(Image& rgb, double turns);

}  // namespace strata
