#pragma once
// RGB pixels a block at a time with the colours apart, as loops that use a processor's wide registers want them. Inside the image
// layer only.

#include "image/rgb.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace strata {

inline constexpr size_t kPlanePixels = 256;  // stays in the first-level cache
inline constexpr size_t kPlaneBytes = 3 * kPlanePixels;
struct RgbPlanes {
  uint8_t r[kPlanePixels], g[kPlanePixels], b[kPlanePixels];
};

// At most kPlaneBytes bytes.
void load_planes(const uint8_t* rgb, size_t bytes, RgbPlanes& planes);
void store_planes(const RgbPlanes& planes, size_t bytes, uint8_t* rgb);

// One block of the picture's pixels after another; the last is filled up with black.
template <typename Visit>
void visit_planes(const Image& image, const Visit& visit) {
  RgbPlanes planes;
  for (size_t done = 0; done < image.pixels.size(); done += kPlaneBytes) {
    load_planes(&image.pixels[done], std::min(kPlaneBytes, image.pixels.size() - done), planes);
    visit(planes);
  }
}

// As visit_planes(), and what `change` makes of a block takes its place.
template <typename Change>
void change_planes(Image& image, const Change& change) {
  RgbPlanes planes;
  for (size_t done = 0; done < image.pixels.size(); done += kPlaneBytes) {
    const size_t bytes = std::min(kPlaneBytes, image.pixels.size() - done);
    load_planes(&image.pixels[done], bytes, planes);
    change(planes);
    store_planes(planes, bytes, &image.pixels[done]);
  }
}

}  // namespace strata
