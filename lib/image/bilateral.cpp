#include "image/bilateral.h"

#include "image/crop.h"
#include "image/rgb.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

// A pixel of the window, relative to the middle one.
struct Tap {
  int dy = 0, dx = 0;
  double weight = 0;
};

// So that a mean of equal values is that value, not one less.
constexpr double kRounding = 1e-9;

double gaussian(double squared_distance, double sigma) { return std::exp(-0.5 * (squared_distance / (sigma * sigma))); }

int window_size(double sigma) { return std::max(5, 2 * static_cast<int>(std::ceil(3 * sigma)) + 1); }

using SpatialWeight = double (*)(int dy, int dx, double sigma);

double centred_weight(int dy, int dx, double sigma) { return gaussian(dy * dy + dx * dx, sigma); }

double scikit_image_weight(int dy, int dx, double sigma) {
  const int window = window_size(sigma), reach = window / 2;
  const int at = (dy + reach) * window + dx + reach;
  return centred_weight(at / (window + 1) - reach - 1, at % (window + 1) - reach - 1, sigma);
}

// Weights that vanish are left out.
std::vector<Tap> taps_of(double sigma, SpatialWeight weight_of) {
  const int reach = window_size(sigma) / 2;
  std::vector<Tap> taps;
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      const double weight = weight_of(dy, dx, sigma);
      if (weight > 0) taps.push_back({dy, dx, weight});
    }
  }
  return taps;
}

// Of all values, in 0..1.
double standard_deviation(const Image& image) {
  uint64_t sum = 0, squares = 0;
  for (uint64_t value : image.pixels) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(image.pixels.size());
  const double mean = static_cast<double>(sum) / count;
  return std::sqrt(std::max(static_cast<double>(squares) / count - mean * mean, 0.0)) / 255;
}

// Weights of colour distances: scikit-image's table has 10,000 entries over 3 times the greatest 8-bit value, but is asked for
// distances in 0..1, so that only its first few are used.
class ColourWeights {
 public:
  ColourWeights(const Image& rgb, uint8_t greatest) {
    constexpr int kBins = 10000, kDimensions = 3;
    const double sigma = standard_deviation(rgb), bins_of_distance = static_cast<double>(kBins) / kDimensions / greatest;
    const int farthest = kDimensions * greatest * greatest;
    bins_.resize(static_cast<size_t>(farthest) + 1);
    for (int squared = 0; squared <= farthest; ++squared)
      bins_[static_cast<size_t>(squared)] = static_cast<uint8_t>(std::sqrt(squared) / 255 * bins_of_distance);
    for (int bin = 0; bin <= bins_.back(); ++bin) {
      const double distance = static_cast<double>(bin) * greatest / kBins;
      weights_[static_cast<size_t>(bin)] = gaussian(distance * distance, sigma);
    }
  }
  // `squared`: sum of squared differences of 8-bit values.
  double of(int squared) const { return weights_[bins_[static_cast<size_t>(squared)]]; }

 private:
  std::vector<uint8_t> bins_;
  std::array<double, 32> weights_{};
};

int squared_distance(const uint8_t* a, const uint8_t* b) {
  const int r = a[0] - b[0], g = a[1] - b[1], blue = a[2] - b[2];
  return r * r + g * g + blue * blue;
}

Image blurred(const Image& rgb, double sigma, SpatialWeight weight_of) {
  require_rgb(rgb);
  if (rgb.pixels.empty()) return rgb;
  const auto [least, greatest] = std::minmax_element(rgb.pixels.begin(), rgb.pixels.end());
  if (*least == *greatest) return rgb;
  const std::vector<Tap> taps = taps_of(sigma, weight_of);
  const ColourWeights colours(rgb, *greatest);
  const int reach = window_size(sigma) / 2;
  const Image framed = crop(rgb, {-reach, -reach, rgb.height + 2 * reach, rgb.width + 2 * reach});  // black around
  struct Sums {
    double weights = 0;
    std::array<double, 3> values{};
  };
  std::vector<Sums> sums(static_cast<size_t>(rgb.width));
  Image result = rgb;
  for (int y = 0; y < rgb.height; ++y) {
    std::fill(sums.begin(), sums.end(), Sums{});
    for (const Tap& tap : taps) {
      const uint8_t* middle = rgb.row(y);
      const uint8_t* pixel = framed.row(y + reach + tap.dy) + static_cast<ptrdiff_t>(reach + tap.dx) * 3;
      for (Sums& sum : sums) {
        const double weight = tap.weight * colours.of(squared_distance(middle, pixel));
        sum.weights += weight;
        for (size_t c = 0; c < 3; ++c) sum.values[c] += weight * pixel[c];
        middle += 3;
        pixel += 3;
      }
    }
    uint8_t* to = result.row(y);
    for (const Sums& sum : sums) {
      if (sum.weights > 0) {  // else all weights vanish, and the pixel stays
        for (size_t c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(sum.values[c] / sum.weights + kRounding);
      }
      to += 3;
    }
  }
  return result;
}

}  // namespace

Image bilateral_blur(const Image& rgb, double sigma) { return blurred(rgb, sigma, centred_weight); }
Image bilateral_blur_as_scikit_image(const Image& rgb, double sigma) { return blurred(rgb, sigma, scikit_image_weight); }

}  // namespace strata
