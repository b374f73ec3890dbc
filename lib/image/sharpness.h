#pragma once
// Pillow's sharpness on RGB, in place and byte for byte (reference.md 1.4, step 4).

#include "image/image.h"

namespace strata {

// Mixes the picture with its smoothed version: factor 1 leaves it as it is, 0 gives the smoothed one, above 1 sharpens. Smoothed:
// mean of the 3x3 px around with the centre weighing 5, rounded; the outermost pixels stay as they are, and so do pictures below
// 3 px.
void adjust_sharpness(Image& rgb, double factor);

}  // namespace strata
