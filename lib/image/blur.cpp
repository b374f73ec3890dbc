#include "image/blur.h"

#include "image/wide_processors.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace strata {
namespace {

constexpr double kRadiusInSigmas = 4.0;

// weights[j] for the distance j from the centre; the whole kernel sums to 1.
std::vector<double> half_kernel(double sigma) {
  const int radius = static_cast<int>(kRadiusInSigmas * sigma + 0.5);
  std::vector<double> weights(static_cast<size_t>(radius) + 1);
  double sum = 0;
  for (int j = -radius; j <= radius; ++j) sum += std::exp(-0.5 / (sigma * sigma) * j * j);
  for (int j = 0; j <= radius; ++j) weights[static_cast<size_t>(j)] = std::exp(-0.5 / (sigma * sigma) * j * j) / sum;
  return weights;
}

STRATA_FOR_WIDE_PROCESSORS void scale(const double* from, double weight, size_t size, double* out) {
  for (size_t i = 0; i < size; ++i) out[i] = from[i] * weight;
}

STRATA_FOR_WIDE_PROCESSORS void add_pair(const double* one, const double* other, double weight, size_t size, double* out) {
  for (size_t i = 0; i < size; ++i) out[i] += (one[i] + other[i]) * weight;
}

STRATA_FOR_WIDE_PROCESSORS void to_unit(const uint8_t* from, size_t size, double* out) {
  for (size_t i = 0; i < size; ++i) out[i] = from[i] * (1.0 / 255.0);
}

STRATA_FOR_WIDE_PROCESSORS void to_bytes(const double* from, size_t size, uint8_t* out) {
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(from[i] * 255.0);
}

// Rows of the image as doubles 0..1, the last few kept.
class RowsAsDouble {
 public:
  RowsAsDouble(const Image& image, int kept)
      : image_(image), rows_(static_cast<size_t>(kept)), held_(static_cast<size_t>(kept), -1) {}

  const double* row(int y) {
    y = std::clamp(y, 0, image_.height - 1);
    const size_t slot = static_cast<size_t>(y) % rows_.size();
    if (held_[slot] != y) {
      const uint8_t* from = image_.row(y);
      rows_[slot].resize(static_cast<size_t>(image_.width) * image_.channels);
      to_unit(from, rows_[slot].size(), rows_[slot].data());
      held_[slot] = y;
    }
    return rows_[slot].data();
  }

 private:
  const Image& image_;
  std::vector<std::vector<double>> rows_;
  std::vector<int> held_;
};

// out[i] = centre[i] w0 + sum over j of (before_j[i] + after_j[i]) wj, the farthest first (the order of additions decides last
// bits).
template <typename Before, typename After>
void correlate(const std::vector<double>& weights, const double* centre, size_t size, const Before& before, const After& after,
               double* out) {
  scale(centre, weights[0], size, out);
  for (size_t j = weights.size() - 1; j > 0; --j) add_pair(before(j), after(j), weights[j], size, out);
}

}  // namespace

Image gaussian_blur(const Image& image, double sigma) {
  const std::vector<double> weights = half_kernel(sigma);
  const size_t radius = weights.size() - 1, channels = static_cast<size_t>(image.channels),
               values = static_cast<size_t>(image.width) * channels;
  const size_t border = radius * channels;
  RowsAsDouble rows(image, static_cast<int>(2 * radius + 1));
  std::vector<double> column_sums(values + 2 * border), sums(values);
  double* middle = column_sums.data() + border;
  Image result(image.height, image.width, image.channels);
  for (int y = 0; y < image.height; ++y) {
    correlate(
        weights, rows.row(y), values, [&](size_t j) { return rows.row(y - static_cast<int>(j)); },
        [&](size_t j) { return rows.row(y + static_cast<int>(j)); }, middle);
    for (size_t i = 0; i < border; ++i) {
      column_sums[border - 1 - i] = middle[channels - 1 - i % channels];
      middle[values + i] = middle[values - channels + i % channels];
    }
    correlate(
        weights, middle, values, [&](size_t j) { return middle - j * channels; }, [&](size_t j) { return middle + j * channels; },
        sums.data());
    to_bytes(sums.data(), values, result.row(y));
  }
  return result;
}

}  // namespace strata
