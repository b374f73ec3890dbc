#include "image/bilateral.h"

#include "base/error.h"
#include "image/blur.h"
#include "image/crop.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

using testing::rule_picture;

double deviation(const Image& image) {
  double sum = 0, squares = 0;
  for (double value : image.pixels) sum += value, squares += value * value;
  const auto n = static_cast<double>(image.pixels.size());
  return std::sqrt(squares / n - sum / n * (sum / n)) / 255;
}

// The definition, pixel by pixel, for a greatest value of 255.
double blurred_value(const Image& image, int y, int x, int c, double sigma) {
  const int reach = std::max(5, 2 * static_cast<int>(std::ceil(3 * sigma)) + 1) / 2;
  const Image framed = crop(image, {y - reach, x - reach, 2 * reach + 1, 2 * reach + 1});
  const double colour_sigma = deviation(image);
  double sum = 0, weights = 0;
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      double squared = 0;
      for (int k = 0; k < 3; ++k) squared += std::pow((framed.at(dy + reach, dx + reach, k) - image.at(y, x, k)) / 255.0, 2);
      const double step = 3 * 255 / 10000.0, d = std::floor(std::sqrt(squared) / step) * step;
      const double weight =
          std::exp(-(dy * dy + dx * dx) / (2 * sigma * sigma)) * std::exp(-d * d / 9 / (2 * colour_sigma * colour_sigma));
      sum += weight * framed.at(dy + reach, dx + reach, c);
      weights += weight;
    }
  }
  return sum / weights;
}

TEST(Bilateral, EachPixelIsTheMeanWeightedByDistanceAndColourTruncated) {
  Image image = rule_picture(9, 12, 3);
  image.at(4, 4) = 255;
  for (double sigma : {0.3, 0.75, 1.1}) {
    const Image blurred = bilateral_blur(image, sigma);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        for (int c = 0; c < 3; ++c)
          EXPECT_NEAR(blurred.at(y, x, c) + 0.5, blurred_value(image, y, x, c, sigma), 0.5 + 1e-6) << y << " " << x;
      }
    }
  }
}

TEST(Bilateral, WithANarrowWindowThePictureStaysWhereItIsAndScikitImagesMoves) {
  const Image image = rule_picture(12, 15, 3);
  EXPECT_EQ(bilateral_blur(image, 0.05), image);
  const Image moved = bilateral_blur_as_scikit_image(image, 0.05);
  EXPECT_EQ(crop(moved, {0, 1, 10, 14}), crop(image, {2, 0, 10, 14}));
}

TEST(Bilateral, APictureOfOneValueStaysAsItIs) {
  EXPECT_EQ(bilateral_blur(Image(6, 5, 3, 140), 0.7), Image(6, 5, 3, 140));
  EXPECT_EQ(bilateral_blur_as_scikit_image(Image(6, 5, 3, 140), 0.7), Image(6, 5, 3, 140));
}

TEST(Bilateral, EdgesStayWhereNoiseIsSmoothed) {
  Image image(20, 20, 3, 100);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) {
      for (int c = 0; c < 3; ++c) image.at(y, x, c) = static_cast<uint8_t>((x < 10 ? 0 : 240) + (x + y) % 2 * 8);
    }
  }
  const Image blurred = bilateral_blur(image, 0.75), everything_blurred = gaussian_blur(image, 0.75);
  EXPECT_LT(std::abs(blurred.at(10, 5) - blurred.at(10, 6)), 4);
  EXPECT_GT(blurred.at(10, 10) - blurred.at(10, 9), everything_blurred.at(10, 10) - everything_blurred.at(10, 9) + 30);
}

TEST(Bilateral, APixelSmallerThanTheWindowIsBlurredTooAndLabelsAreRefused) {
  Image image(1, 2, 3, 10);
  image.at(0, 1) = 90;
  EXPECT_EQ(bilateral_blur(image, 0.6).height, 1);
  EXPECT_THROW(bilateral_blur(Image(4, 4, 1), 0.6), InternalError);
}

}  // namespace
}  // namespace strata
