#pragma once
// RandAugment's operations that look at one value at a time, on RGB, in place, byte for byte as Pillow's ImageOps does them
// (reference.md 1.4, step 4). Each is one table a channel.

#include "image/image.h"

namespace strata {

// Stretches each channel so that its least value becomes 0 and its greatest 255.
void autocontrast(Image& rgb);
// Spreads each channel's values so that all levels are about equally frequent.
void equalize(Image& rgb);
// 255 - value.
void invert(Image& rgb);
// Inverts the values from `threshold` on.
void solarize(Image& rgb, double threshold);
// Keeps the `bits` highest bits, 1 to 8.
void posterize(Image& rgb, int bits);

}  // namespace strata
