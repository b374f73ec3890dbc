#pragma once
// Shearing, moving and turning pictures within their size, byte for byte as Pillow's Image.transform and Image.rotate do
// (reference.md 1.4, step 4). Equal to Pillow for sides below 2^15 px.

#include "image/image.h"

namespace strata {

// Where a result's pixel comes from, in px from the top-left corner, of pixel centres:
// source x = xx x + xy y + x0, source y = yx x + yy y + y0.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

// Counter-clockwise as one sees it, about the middle of a picture of this size.
Affine rotation(double degrees, int height, int width);

// Of the source's size; `fill` in every channel where it has no pixel. 1 or 3 channels.
Image transform_nearest(const Image& source, const Affine& map, uint8_t fill = 0);
// Between the four nearest pixels, in double, truncated to 8 bits; the outer half of border pixels is not mixed with `fill`.
Image transform_bilinear(const Image& source, const Affine& map, uint8_t fill = 0);

}  // namespace strata
