#pragma once
// Pixels in host memory: 8 bit, rows top to bottom, no padding between rows.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

// A rectangle of pixels; y, x of its top-left corner (may lie outside an image where a crop pads).
struct Window {
  int y = 0, x = 0, height = 0, width = 0;
  bool operator==(const Window&) const = default;
};

// height x width x channels, interleaved. Frames are RGB (3), label maps are ids (1).
struct Image {
  int height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;

  Image() = default;
  Image(int height_px, int width_px, int channel_count, uint8_t fill = 0)
      : height(height_px),
        width(width_px),
        channels(channel_count),
        pixels(static_cast<size_t>(height_px) * width_px * channel_count, fill) {}

  uint8_t* row(int y) { return pixels.data() + static_cast<size_t>(y) * width * channels; }
  const uint8_t* row(int y) const { return pixels.data() + static_cast<size_t>(y) * width * channels; }
  uint8_t& at(int y, int x, int c = 0) { return row(y)[static_cast<size_t>(x) * channels + c]; }
  uint8_t at(int y, int x, int c = 0) const { return row(y)[static_cast<size_t>(x) * channels + c]; }
  bool operator==(const Image&) const = default;
};

}  // namespace strata
