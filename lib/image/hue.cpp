// shift_hue() of image/color.h: Python's colorsys on 8-bit numbers, as Pillow has it. The mixture of float and double below
// decides roundings: keep it. Loops choose by masks, not branches, so that compilers make wide instructions of them.

#include "image/color.h"
#include "image/rgb_planes.h"
#include "image/wide_processors.h"

#include <array>
#include <cmath>

namespace strata {
namespace {

struct HsvPlanes {
  uint8_t hue[kPlanePixels], saturation[kPlanePixels], value[kPlanePixels];
};

// Where hues lie in the six sectors of the circle, 0 to 5 from red over green and blue; saturation 0 to 1.
struct SectorPlanes {
  uint8_t sector[kPlanePixels];
  float fraction[kPlanePixels], saturation[kPlanePixels];
};

// The values that a pixel's colours may have besides the greatest.
struct LevelPlanes {
  uint8_t none[kPlanePixels], falling[kPlanePixels], rising[kPlanePixels];
};

template <typename Number>
inline Number choose(bool condition, Number one, Number other) {
  const auto mask = static_cast<Number>(-static_cast<Number>(condition));
  return static_cast<Number>((one & mask) | (other & ~mask));
}

STRATA_FOR_WIDE_PROCESSORS void to_hsv(const RgbPlanes& __restrict rgb, HsvPlanes& __restrict hsv) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    const int r = rgb.r[i], g = rgb.g[i], b = rgb.b[i];
    const int most = std::max(r, std::max(g, b)), least = std::min(r, std::min(g, b)), spread = most - least;
    const bool is_red = r == most, is_green = g == most;
    // Distances from the greatest colour, of the colour that lies before it on the circle and of the one that lies behind it.
    const int before = choose(is_red, most - b, choose(is_green, most - r, most - g));
    const int behind = choose(is_red, most - g, choose(is_green, most - b, most - r));
    const int start = choose(is_red, 0, choose(is_green, 2, 4));
    const float divisor = static_cast<float>(std::max(spread, 1));  // grey: both distances are 0, and so is the hue
    const float sector = static_cast<float>(start + static_cast<double>(static_cast<float>(before) / divisor) -
                                            static_cast<double>(static_cast<float>(behind) / divisor));
    // Between magenta and red the sector is negative; elsewhere one turn too many is taken off.
    const int whole_turns = choose(is_red & (b > g), 0, 1);
    const float hue = static_cast<float>(sector / 6.0 + 1.0 - whole_turns);
    const float saturation = static_cast<float>(spread) / static_cast<float>(std::max(most, 1));
    hsv.hue[i] = static_cast<uint8_t>(static_cast<int>(hue * 255.0));
    hsv.saturation[i] = static_cast<uint8_t>(static_cast<int>(saturation * 255.0));
    hsv.value[i] = static_cast<uint8_t>(most);
  }
}

STRATA_FOR_WIDE_PROCESSORS void find_sectors(const HsvPlanes& __restrict hsv, uint8_t shift, SectorPlanes& __restrict at) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    const auto hue = static_cast<uint8_t>(hsv.hue[i] + shift);
    const double place = static_cast<float>(hue) * 6.0 / 255.0;
    const int sector = static_cast<int>(place);
    at.fraction[i] = static_cast<float>(place - sector);
    at.sector[i] = static_cast<uint8_t>(choose(sector == 6, 0, sector));
    at.saturation[i] = static_cast<float>(hsv.saturation[i] / 255.0);
  }
}

// Not negative, so adding a half and truncating is std::round.
inline uint8_t faded(double value, double by) { return static_cast<uint8_t>(static_cast<int>(value * (1.0 - by) + 0.5)); }

STRATA_FOR_WIDE_PROCESSORS void find_levels(const HsvPlanes& __restrict hsv, const SectorPlanes& __restrict at,
                                            LevelPlanes& __restrict levels) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    const float saturation = at.saturation[i], fraction = at.fraction[i];
    levels.none[i] = faded(hsv.value[i], saturation);
    levels.falling[i] = faded(hsv.value[i], saturation * fraction);
    levels.rising[i] = faded(hsv.value[i], saturation * (1.0 - fraction));
  }
}

STRATA_FOR_WIDE_PROCESSORS void to_rgb(const HsvPlanes& __restrict hsv, const SectorPlanes& __restrict at,
                                       const LevelPlanes& __restrict levels, RgbPlanes& __restrict rgb) {
  for (size_t i = 0; i < kPlanePixels; ++i) {
    const uint8_t sector = at.sector[i], full = hsv.value[i];
    const uint8_t none = levels.none[i], falling = levels.falling[i], rising = levels.rising[i];
    rgb.r[i] = choose((sector == 0) | (sector == 5), full, choose(sector == 1, falling, choose(sector == 4, rising, none)));
    rgb.g[i] = choose((sector == 1) | (sector == 2), full, choose(sector == 3, falling, choose(sector == 0, rising, none)));
    rgb.b[i] = choose((sector == 3) | (sector == 4), full, choose(sector == 5, falling, choose(sector == 2, rising, none)));
  }
}

}  // namespace

void shift_hue(Image& rgb, double turns) {
  require_rgb(rgb);
  const auto shift = static_cast<uint8_t>(static_cast<int>(turns * 255));  // towards 0, then modulo 256
  HsvPlanes hsv;
  SectorPlanes at;
  LevelPlanes levels;
  change_planes(rgb, [&](RgbPlanes& planes) {
    to_hsv(planes, hsv);
    find_sectors(hsv, shift, at);
    find_levels(hsv, at, levels);
    to_rgb(hsv, at, levels, planes);
  });
}

}  // namespace strata
