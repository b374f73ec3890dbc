#include "image/sharpness.h"

#include "image/rgb.h"

namespace strata {
namespace {

constexpr int kCentreWeight = 5, kWeights = 8 + kCentreWeight;

// Rounding a sum of 13ths never meets a half, so integers give what Pillow's float32 gives.
int rounded_mean(int sum) { return (sum + kWeights / 2) / kWeights; }

}  // namespace

void adjust_sharpness(Image& rgb, double factor) {
  require_rgb(rgb);
  if (rgb.height < 3 || rgb.width < 3) return;
  const float strength = static_cast<float>(factor);
  const size_t values = static_cast<size_t>(rgb.width) * 3;
  // Rows above and at y as they were; sums of three rows at each value.
  std::vector<uint8_t> above(rgb.row(0), rgb.row(0) + values), here(rgb.row(1), rgb.row(1) + values);
  std::vector<uint16_t> columns(values);
  for (int y = 1; y + 1 < rgb.height; ++y) {
    uint8_t* to = rgb.row(y);
    const uint8_t* below = rgb.row(y + 1);
    for (size_t i = 0; i < values; ++i) columns[i] = static_cast<uint16_t>(above[i] + here[i] + below[i]);
    for (size_t i = 3; i + 3 < values; ++i) {
      const int sum = columns[i - 3] + columns[i] + columns[i + 3] + (kCentreWeight - 1) * here[i];
      to[i] = mix(rounded_mean(sum), here[i], strength);
    }
    above.swap(here);
    std::copy_n(below, values, here.begin());
  }
}

}  // namespace strata
