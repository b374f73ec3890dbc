#pragma once
// What the operations on the values of RGB pictures have in common. Inside the image layer only.

#include "base/error.h"
#include "image/image.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

// InternalError where the picture is none of three channels.
inline void require_rgb(const Image& image) {
  if (image.channels != 3) throw InternalError(fmt::format("colour operations want 3 channels, got {}", image.channels));
}

// Pillow's mixture of two pictures: float32, clipped, truncated.
inline uint8_t mix(int dull, int vivid, float factor) {
  const float value = static_cast<float>(dull) + factor * static_cast<float>(vivid - dull);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

}  // namespace strata
