#pragma once
// Pictures by rule, so that no fixture has to carry their pixels.

#include "base/sha256.h"
#include "image/image.h"

#include <span>
#include <string>

namespace strata::testing {

// Every value is (37 x + 91 y + 53 c + 11 x y) mod 256.
inline Image rule_picture(int height, int width, int channels) {
  Image image(height, width, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) image.at(y, x, c) = static_cast<uint8_t>(37 * x + 91 * y + 53 * c + 11 * x * y);
    }
  }
  return image;
}

inline std::string digest(const Image& image) { return sha256_of(std::as_bytes(std::span(image.pixels))); }

}  // namespace strata::testing
