#pragma once
// Gaussian blur as scikit-image does it on 8-bit pictures (reference.md 1.4, step 6).

#include "image/image.h"

namespace strata {

// Separable kernel of radius floor(4 sigma + 0.5), edges repeated, in double on values / 255; the result is *truncated* to 8
// bits. sigma > 0, in px.
Image gaussian_blur(const Image& image, double sigma);

}  // namespace strata
