#pragma once
// Moving pixels about without changing them.

#include "image/image.h"

namespace strata {

// The pixels of `window`; where it reaches beyond the image, `fill` in every channel.
Image crop(const Image& image, const Window& window, uint8_t fill = 0);

// Writes `part` over `image` with its top-left corner at y, x; what falls outside is dropped. Both have the same number of
// channels.
void paste(Image& image, const Image& part, int y, int x);

// Left and right exchanged.
void flip_horizontally(Image& image);

// The common rectangle; height and width 0 where there is none.
Window intersection(const Window& a, const Window& b);

}  // namespace strata
