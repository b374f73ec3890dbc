#pragma once
// Bilateral blur (Tomasi, Manduchi 1998) as scikit-image's denoise_bilateral does it on 8-bit RGB pictures, with its default
// window and colour width (reference.md 1.4, step 6).

#include "image/image.h"

namespace strata {

// Each pixel becomes the mean of the window of max(5, 2 ceil(3 sigma) + 1) px around it, weighted by
//   exp(-distance^2 / (2 sigma^2)) * exp(-(d / 3)^2 / (2 s^2)),
// d: Euclidean distance of the colours in 0..1, rounded down to steps of 1 / 13 of the greatest value; s: standard deviation of
// all values. Beyond the border it is black. In double, *truncated* to 8 bits. A picture of one value stays as it is. sigma > 0,
// in px.
Image bilateral_blur(const Image& rgb, double sigma);

// The same with the spatial weights where scikit-image 0.26 puts them: its table has rows of window + 1 numbers and is read in
// rows of window numbers, so that the heaviest pixel is not the middle but the one 2 px below it and (window - 3) / 2 px to the
// left. So the picture moves against its labels by that much.
Image bilateral_blur_as_scikit_image(const Image& rgb, double sigma);

}  // namespace strata
