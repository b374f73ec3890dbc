#include "image/crop.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace strata {

Window intersection(const Window& a, const Window& b) {
  const int top = std::max(a.y, b.y), bottom = std::min(a.y + a.height, b.y + b.height);
  const int left = std::max(a.x, b.x), right = std::min(a.x + a.width, b.x + b.width);
  if (top >= bottom || left >= right) return {top, left, 0, 0};
  return {top, left, bottom - top, right - left};
}

void paste(Image& image, const Image& part, int y, int x) {
  if (image.channels != part.channels) {
    throw InternalError(fmt::format("cannot paste {} channels over {}", part.channels, image.channels));
  }
  const Window seen = intersection({0, 0, image.height, image.width}, {y, x, part.height, part.width});
  const size_t row_bytes = static_cast<size_t>(seen.width) * image.channels;
  if (row_bytes == 0) return;
  for (int row = seen.y; row < seen.y + seen.height; ++row) {
    std::memcpy(image.row(row) + static_cast<size_t>(seen.x) * image.channels,
                part.row(row - y) + static_cast<size_t>(seen.x - x) * image.channels, row_bytes);
  }
}

Image crop(const Image& image, const Window& window, uint8_t fill) {
  Image result(window.height, window.width, image.channels, fill);
  paste(result, image, -window.y, -window.x);
  return result;
}

void flip_horizontally(Image& image) {
  const size_t channels = static_cast<size_t>(image.channels);
  for (int y = 0; y < image.height; ++y) {
    uint8_t* left = image.row(y);
    uint8_t* right = left + (static_cast<size_t>(image.width) - 1) * channels;
    for (; left < right; left += channels, right -= channels) std::swap_ranges(left, left + channels, right);
  }
}

}  // namespace strata
