#include "image/tone.h"

#include "image/rgb.h"

#include <array>

namespace strata {
namespace {

using Table = std::array<uint8_t, 256>;
using Histogram = std::array<uint64_t, 256>;

std::array<Histogram, 3> histograms(const Image& rgb) {
  std::array<Histogram, 3> counts{};
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) {
    for (size_t c = 0; c < 3; ++c) ++counts[c][rgb.pixels[i + c]];
  }
  return counts;
}

template <typename Value>
Table table_of(const Value& value_of) {
  Table table;
  for (int value = 0; value < 256; ++value) table[static_cast<size_t>(value)] = static_cast<uint8_t>(value_of(value));
  return table;
}

void apply_to_all(Image& rgb, const Table& table) {
  for (uint8_t& value : rgb.pixels) value = table[value];
}

// One table a channel, made from its histogram.
void apply_to_channels(Image& rgb, Table (*table_from)(const Histogram&)) {
  const std::array<Histogram, 3> counts = histograms(rgb);
  const Table red = table_from(counts[0]), green = table_from(counts[1]), blue = table_from(counts[2]);
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) {
    rgb.pixels[i] = red[rgb.pixels[i]];
    rgb.pixels[i + 1] = green[rgb.pixels[i + 1]];
    rgb.pixels[i + 2] = blue[rgb.pixels[i + 2]];
  }
}

int least_level(const Histogram& counts) {
  int level = 0;
  while (level < 255 && counts[static_cast<size_t>(level)] == 0) ++level;
  return level;
}
int greatest_level(const Histogram& counts) {
  int level = 255;
  while (level > 0 && counts[static_cast<size_t>(level)] == 0) --level;
  return level;
}

Table unchanged() {
  return table_of([](int value) { return value; });
}

Table stretched(const Histogram& counts) {
  const int least = least_level(counts), greatest = greatest_level(counts);
  if (greatest <= least) return unchanged();
  const double scale = 255.0 / (greatest - least), offset = -least * scale;
  return table_of([&](int value) { return std::clamp(static_cast<int>(value * scale + offset), 0, 255); });
}

// Every `step` pixels a level. The greatest value's pixels do not count, and the rest of the division is lost: Pillow's rule.
Table spread(const Histogram& counts) {
  uint64_t below_greatest = 0;
  const int greatest = greatest_level(counts);
  for (int level = 0; level < greatest; ++level) below_greatest += counts[static_cast<size_t>(level)];
  const uint64_t step = below_greatest / 255;
  if (step == 0) return unchanged();
  uint64_t pixels = step / 2;
  return table_of([&](int value) {
    const uint64_t level = std::min<uint64_t>(pixels / step, 255);
    pixels += counts[static_cast<size_t>(value)];
    return static_cast<int>(level);
  });
}

}  // namespace

void autocontrast(Image& rgb) {
  require_rgb(rgb);
  apply_to_channels(rgb, stretched);
}

void equalize(Image& rgb) {
  require_rgb(rgb);
  apply_to_channels(rgb, spread);
}

void invert(Image& rgb) {
  require_rgb(rgb);
  for (uint8_t& value : rgb.pixels) value = static_cast<uint8_t>(255 - value);
}

void solarize(Image& rgb, double threshold) {
  require_rgb(rgb);
  apply_to_all(rgb, table_of([threshold](int value) { return value < threshold ? value : 255 - value; }));
}

void posterize(Image& rgb, int bits) {
  require_rgb(rgb);
  if (bits < 1 || bits > 8) throw InternalError(fmt::format("cannot keep {} bits of a value: 1 to 8", bits));
  const int kept = 0xFF & ~((1 << (8 - bits)) - 1);
  apply_to_all(rgb, table_of([kept](int value) { return value & kept; }));
}

}  // namespace strata
