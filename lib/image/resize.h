#pragma once
// Pillow's resize, byte for byte: two passes, 8-bit fixed point with 22 bits of precision, antialiased when shrinking.

#include "image/image.h"

namespace strata {

enum class Filter { kNearest, kBilinear, kBicubic };  // kNearest for label ids; bicubic a = -0.5 as in Pillow

// The whole image to height x width (both >= 1).
Image resize(const Image& image, int height, int width, Filter filter);

// Only `window` of what resize(image of full_height x full_width, height, width) would give. `source` holds the pixels of
// `source_window` of the full image, which must cover source_window_for(...). Window must lie inside height x width.
struct ResizePlan {
  int full_height = 0, full_width = 0;  // of the source image
  int height = 0, width = 0;            // of the whole result
  Filter filter = Filter::kBicubic;
};
Window source_window_for(const ResizePlan& plan, const Window& window);
Image resize_window(const Image& source, const Window& source_window, const ResizePlan& plan, const Window& window);

}  // namespace strata
