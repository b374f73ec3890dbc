#include "image/rgb_planes.h"
#include "image/wide_processors.h"

#include <array>

namespace strata {
namespace {

STRATA_FOR_WIDE_PROCESSORS void split(const uint8_t* __restrict rgb, RgbPlanes& __restrict planes) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    planes.r[i] = rgb[3 * i];
    planes.g[i] = rgb[3 * i + 1];
    planes.b[i] = rgb[3 * i + 2];
  }
}

STRATA_FOR_WIDE_PROCESSORS void join(const RgbPlanes& __restrict planes, uint8_t* __restrict rgb) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    rgb[3 * i] = planes.r[i];
    rgb[3 * i + 1] = planes.g[i];
    rgb[3 * i + 2] = planes.b[i];
  }
}

}  // namespace

void load_planes(const uint8_t* rgb, size_t bytes, RgbPlanes& planes) {
  if (bytes == kPlaneBytes) return split(rgb, planes);
  std::array<uint8_t, kPlaneBytes> padded{};
  std::copy_n(rgb, bytes, padded.begin());
  split(padded.data(), planes);
}

void store_planes(const RgbPlanes& planes, size_t bytes, uint8_t* rgb) {
  if (bytes == kPlaneBytes) return join(planes, rgb);
  std::array<uint8_t, kPlaneBytes> padded;
  join(planes, padded.data());
  std::copy_n(padded.begin(), bytes, rgb);
}

}  // namespace strata
