#include "image/color.h"

#include "image/rgb.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

// ITU-R 601 luma in 16-bit fixed point.
uint8_t grey_level(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

void mix_with_level(Image& image, int level, float factor) {
  std::array<uint8_t, 256> table{};
  for (int value = 0; value < 256; ++value) table[static_cast<size_t>(value)] = mix(level, value, factor);
  for (uint8_t& value : image.pixels) value = table[value];
}

int mean_grey_level(const Image& image) {
  uint64_t sum = 0;
  for (size_t i = 0; i < image.pixels.size(); i += 3) sum += grey_level(&image.pixels[i]);
  return static_cast<int>(static_cast<double>(sum) / static_cast<double>(image.pixels.size() / 3) + 0.5);
}

struct Hsv {
  uint8_t hue = 0, saturation = 0, value = 0;
};

// Python's colorsys with 8-bit results, truncated. The mixture of float and double below decides roundings: keep it.
Hsv to_hsv(const uint8_t* rgb) {
  const int r = rgb[0], g = rgb[1], b = rgb[2];
  const int most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least) return {0, 0, rgb[0]};
  const float spread = static_cast<float>(most - least);
  const float from_r = static_cast<float>(most - r) / spread, from_g = static_cast<float>(most - g) / spread,
              from_b = static_cast<float>(most - b) / spread;
  float sector;  // 0..6 from red over green and blue; down to -1 between magenta and red
  if (r == most) {
    sector = from_b - from_g;
  } else if (g == most) {
    sector = static_cast<float>(2.0 + from_r - from_b);
  } else {
    sector = static_cast<float>(4.0 + from_g - from_r);
  }
  const double turns = sector / 6.0 + 1.0;
  const float hue = static_cast<float>(turns - std::floor(turns)), saturation = spread / static_cast<float>(most);
  return {static_cast<uint8_t>(hue * 255.0), static_cast<uint8_t>(saturation * 255.0), static_cast<uint8_t>(most)};
}

// Where 8-bit hues lie in the six sectors of the circle.
struct HueSector {
  int sector = 0;
  float fraction = 0;
};

std::array<HueSector, 256> hue_sectors() {
  std::array<HueSector, 256> sectors;
  for (int hue = 0; hue < 256; ++hue) {
    const double at = static_cast<float>(hue) * 6.0 / 255.0;
    const double sector = std::floor(at);
    sectors[static_cast<size_t>(hue)] = {static_cast<int>(sector) % 6, static_cast<float>(at - static_cast<float>(sector))};
  }
  return sectors;
}

void to_rgb(const Hsv& hsv, const HueSector& at, uint8_t* rgb) {
  const float value = hsv.value, saturation = static_cast<float>(hsv.saturation / 255.0);
  // Not negative, so adding a half and truncating is std::round.
  const auto faded = [value](double by) { return static_cast<uint8_t>(static_cast<double>(value) * (1.0 - by) + 0.5); };
  const uint8_t full = hsv.value, none = faded(saturation);
  const uint8_t falling = faded(saturation * at.fraction), rising = faded(saturation * (1.0 - at.fraction));
  const std::array<std::array<uint8_t, 3>, 6> sectors = {{{full, rising, none},
                                                          {falling, full, none},
                                                          {none, full, rising},
                                                          {none, falling, full},
                                                          {rising, none, full},
                                                          {full, none, falling}}};
  std::copy_n(sectors[static_cast<size_t>(at.sector)].begin(), 3, rgb);
}

}  // namespace

void adjust_brightness(Image& rgb, double factor) {
  require_rgb(rgb);
  mix_with_level(rgb, 0, static_cast<float>(factor));
}

void adjust_contrast(Image& rgb, double factor) {
  require_rgb(rgb);
  mix_with_level(rgb, mean_grey_level(rgb), static_cast<float>(factor));
}

void adjust_saturation(Image& rgb, double factor) {
  require_rgb(rgb);
  const float strength = static_cast<float>(factor);
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) {
    uint8_t* pixel = &rgb.pixels[i];
    const int grey = grey_level(pixel);
    for (int c = 0; c < 3; ++c) pixel[c] = mix(grey, pixel[c], strength);
  }
}

void shift_hue(Image& rgb, double turns) {
  require_rgb(rgb);
  static const std::array<HueSector, 256> sectors = hue_sectors();
  const auto steps = static_cast<uint8_t>(static_cast<int>(turns * 255));  // towards 0, then modulo 256
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) {
    Hsv hsv = to_hsv(&rgb.pixels[i]);
    hsv.hue = static_cast<uint8_t>(hsv.hue + steps);
    to_rgb(hsv, sectors[hsv.hue], &rgb.pixels[i]);
  }
}

}  // namespace strata
