#include "image/affine.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

namespace strata {
namespace {

void require_1_or_3_channels(const Image& image) {
  if (image.channels != 1 && image.channels != 3)
    throw InternalError(fmt::format("cannot transform {} channels: 1 or 3", image.channels));
}

// To 15 decimals, as Python's round() does it: through the number's exact decimal digits.
double rounded(double value) {
  std::array<char, 32> text;
  const char* end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, 15).ptr;
  std::from_chars(text.begin(), end, value);
  return value;
}

constexpr int64_t kNowhere = -1;

// Source indices along one axis of a map that neither turns nor shears. Steps are added up, as Pillow does.
std::vector<int64_t> indices_along(double first, double step, int result_size, int source_size) {
  std::vector<int64_t> indices(static_cast<size_t>(result_size));
  double at = first;
  for (int64_t& index : indices) {
    index = at >= 0 && at < source_size ? static_cast<int64_t>(at) : kNowhere;
    at += step;
  }
  return indices;
}

template <int kChannels>
void pick_along_axes(const Image& source, const Affine& map, Image& result) {
  const std::vector<int64_t> columns = indices_along(map.x0 + map.xx * 0.5, map.xx, result.width, source.width),
                             rows = indices_along(map.y0 + map.yy * 0.5, map.yy, result.height, source.height);
  for (int y = 0; y < result.height; ++y) {
    const int64_t row = rows[static_cast<size_t>(y)];
    if (row == kNowhere) continue;
    const uint8_t* from = source.row(static_cast<int>(row));
    uint8_t* to = result.row(y);
    for (int64_t column : columns) {
      if (column != kNowhere) std::copy_n(from + column * kChannels, kChannels, to);
      to += kChannels;
    }
  }
}

// Coordinates with 16 fractional bits.
constexpr int kFractionBits = 16;
int64_t fixed(double value) { return static_cast<int64_t>(std::floor(value * (1 << kFractionBits) + 0.5)); }

template <int kChannels>
void pick_anywhere(const Image& source, const Affine& map, Image& result) {
  const int64_t xx = fixed(map.xx), xy = fixed(map.xy), yx = fixed(map.yx), yy = fixed(map.yy);
  int64_t row_x = fixed(map.x0 + map.xx * 0.5 + map.xy * 0.5), row_y = fixed(map.y0 + map.yx * 0.5 + map.yy * 0.5);
  const auto width = static_cast<uint64_t>(source.width), height = static_cast<uint64_t>(source.height);
  for (int y = 0; y < result.height; ++y, row_x += xy, row_y += yy) {
    uint8_t* to = result.row(y);
    int64_t at_x = row_x, at_y = row_y;
    for (int x = 0; x < result.width; ++x, to += kChannels, at_x += xx, at_y += yx) {
      // Negative numbers become too large ones.
      const auto column = static_cast<uint64_t>(at_x >> kFractionBits), row = static_cast<uint64_t>(at_y >> kFractionBits);
      if (column < width && row < height) std::copy_n(source.pixels.data() + (row * width + column) * kChannels, kChannels, to);
    }
  }
}

template <int kChannels>
void mix_neighbours(const Image& source, const Affine& map, Image& result) {
  for (int y = 0; y < result.height; ++y) {
    uint8_t* to = result.row(y);
    const double from_row_x = map.xy * (y + 0.5), from_row_y = map.yy * (y + 0.5);
    for (int x = 0; x < result.width; ++x, to += kChannels) {
      const double at_x = map.xx * (x + 0.5) + from_row_x + map.x0, at_y = map.yx * (x + 0.5) + from_row_y + map.y0;
      if (!(at_x >= 0 && at_x < source.width && at_y >= 0 && at_y < source.height)) continue;
      const double left = std::floor(at_x - 0.5), top = std::floor(at_y - 0.5);  // -1: half of the border pixel
      const double to_right = at_x - 0.5 - left, down = at_y - 0.5 - top;
      const int column = static_cast<int>(left), row = static_cast<int>(top);
      const uint8_t *upper = source.row(std::max(row, 0)), *lower = source.row(std::min(row + 1, source.height - 1));
      const int before = std::max(column, 0) * kChannels, after = std::min(column + 1, source.width - 1) * kChannels;
      for (int c = 0; c < kChannels; ++c) {
        const double above = upper[before + c] + (upper[after + c] - upper[before + c]) * to_right,
                     below = lower[before + c] + (lower[after + c] - lower[before + c]) * to_right;
        to[c] = static_cast<uint8_t>(above + (below - above) * down);
      }
    }
  }
}

}  // namespace

Affine rotation(double degrees, int height, int width) {
  const double whole_turns_less = degrees - 360.0 * std::floor(degrees / 360.0);
  const double angle = -(whole_turns_less * (std::numbers::pi / 180.0));
  const double cosine = rounded(std::cos(angle)), sine = rounded(std::sin(angle));
  const double middle_x = width / 2.0, middle_y = height / 2.0;
  return {.xx = cosine,
          .xy = sine,
          .x0 = cosine * -middle_x + sine * -middle_y + middle_x,
          .yx = -sine,
          .yy = cosine,
          .y0 = -sine * -middle_x + cosine * -middle_y + middle_y};
}

Image transform_nearest(const Image& source, const Affine& map, uint8_t fill) {
  require_1_or_3_channels(source);
  Image result(source.height, source.width, source.channels, fill);
  const bool upright = map.xy == 0 && map.yx == 0;
  if (source.channels == 1) {
    upright ? pick_along_axes<1>(source, map, result) : pick_anywhere<1>(source, map, result);
  } else {
    upright ? pick_along_axes<3>(source, map, result) : pick_anywhere<3>(source, map, result);
  }
  return result;
}

Image transform_bilinear(const Image& source, const Affine& map, uint8_t fill) {
  require_1_or_3_channels(source);
  Image result(source.height, source.width, source.channels, fill);
  source.channels == 1 ? mix_neighbours<1>(source, map, result) : mix_neighbours<3>(source, map, result);
  return result;
}

}  // namespace strata
