#include "image/color.h"

#include "image/rgb_planes.h"
#include "image/wide_processors.h"

namespace strata {
namespace {

// ITU-R 601 luma in 16-bit fixed point.
inline uint8_t grey_level(uint8_t r, uint8_t g, uint8_t b) {
  return static_cast<uint8_t>((r * 19595u + g * 38470u + b * 7471u + 0x8000u) >> 16);
}

STRATA_FOR_WIDE_PROCESSORS void mix_with_level(uint8_t* values, size_t count, int level, float factor) {
  for (size_t i = 0; i < count; ++i) values[i] = mix(level, values[i], factor);
}

STRATA_FOR_WIDE_PROCESSORS void mix_with_grey(RgbPlanes& planes, float factor) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    const int grey = grey_level(planes.r[i], planes.g[i], planes.b[i]);
    planes.r[i] = mix(grey, planes.r[i], factor);
    planes.g[i] = mix(grey, planes.g[i], factor);
    planes.b[i] = mix(grey, planes.b[i], factor);
  }
}

STRATA_FOR_WIDE_PROCESSORS uint32_t sum_of_grey_levels(const RgbPlanes& planes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < kPlanePixels; ++i) sum += grey_level(planes.r[i], planes.g[i], planes.b[i]);
  return sum;
}

int mean_grey_level(const Image& image) {
  uint64_t sum = 0;
  visit_planes(image, [&](const RgbPlanes& planes) { sum += sum_of_grey_levels(planes); });  // black adds nothing
  return static_cast<int>(static_cast<double>(sum) / static_cast<double>(image.pixels.size() / 3) + 0.5);
}

}  // namespace

void adjust_brightness(Image& rgb, double factor) {
  require_rgb(rgb);
  mix_with_level(rgb.pixels.data(), rgb.pixels.size(), 0, static_cast<float>(factor));
}

void adjust_contrast(Image& rgb, double factor) {
  require_rgb(rgb);
  mix_with_level(rgb.pixels.data(), rgb.pixels.size(), mean_grey_level(rgb), static_cast<float>(factor));
}

void adjust_saturation(Image& rgb, double factor) {
  require_rgb(rgb);
  change_planes(rgb, [strength = static_cast<float>(factor)](RgbPlanes& planes) { mix_with_grey(planes, strength); });
}

}  // namespace strata
