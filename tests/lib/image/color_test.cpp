#include "image/color.h"
#include "image/blur.h"

#include "base/error.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

using testing::digest;
using testing::rule_picture;

struct Case {
  const char* name;
  void (*adjust)(Image&, double);
  double strength;
  std::vector<uint8_t> right;  // of kEightPixels, by Pillow 12.0
};

const std::vector<uint8_t> kEightPixels = {0,  0,  0,  255, 255, 255, 200, 30,  90,  12,  250, 33,
                                           77, 77, 78, 255, 0,   1,   3,   140, 250, 128, 64,  32};

const std::vector<Case> kCases = {
    {"brightness", adjust_brightness, 0.6, {0,  0,  0,  153, 153, 153, 120, 18, 54,  7,  150, 19,
                                            46, 46, 46, 153, 0,   0,   1,   84, 150, 76, 38,  19}},
    {"brightness", adjust_brightness, 1.7, {0,   0,   0,   255, 255, 255, 255, 51,  153, 20,  255, 56,
                                            130, 130, 132, 255, 0,   1,   5,   238, 255, 217, 108, 54}},
    {"contrast", adjust_contrast, 0.6, {41, 41, 41, 195, 195, 195, 162, 60,  96,  49,  192, 61,
                                        88, 88, 88, 195, 41,  42,  43,  126, 192, 118, 80,  61}},
    {"contrast", adjust_contrast, 1.7, {0,  0,  0,  255, 255, 255, 255, 0,   79,  0,   255, 0,
                                        57, 57, 59, 255, 0,   0,   0,   164, 255, 144, 35,  0}},
    {"saturation", adjust_saturation, 0.6, {0,  0,  0,  255, 255, 255, 155, 53,  89,  68,  211, 81,
                                            77, 77, 77, 183, 30,  31,  46,  128, 194, 108, 70,  50}},
    {"saturation", adjust_saturation, 1.7, {0,  0,  0,  255, 255, 255, 255, 0,   91,  0,   255, 0,
                                            77, 77, 78, 255, 0,   0,   0,   159, 255, 162, 53,  0}},
    {"hue", shift_hue, -0.2, {0,  0,  0,  255, 255, 255, 106, 31,  200, 250, 219, 13,
                              77, 78, 78, 198, 0,   255, 4,   250, 62,  128, 32,  113}},
    {"hue", shift_hue, 0.0, {0, 0, 0, 255, 255, 255, 200, 31, 90, 13, 250, 29, 77, 77, 78, 255, 0, 6, 4, 143, 250, 128, 64, 32}},
    {"hue", shift_hue, 0.25, {0,  0,  0,  255, 255, 255, 182, 200, 31,  13, 119, 250,
                              78, 77, 78, 144, 255, 0,   230, 4,   250, 50, 128, 32}},
};

TEST(Color, EveryOperationGivesPillowsBytes) {
  for (const Case& c : kCases) {
    Image image(1, 8, 3);
    image.pixels = kEightPixels;
    c.adjust(image, c.strength);
    EXPECT_EQ(image.pixels, c.right) << c.name << " " << c.strength;
  }
}

TEST(Color, EveryOperationGivesPillowsBytesOnAWholePicture) {
  const auto digest_after = [](void (*adjust)(Image&, double), double strength) {
    Image image = rule_picture(64, 96, 3);
    adjust(image, strength);
    return digest(image);
  };
  // Pillow 12.0.
  EXPECT_EQ(digest_after(adjust_brightness, 1.2), "3f707abf8a6cb61dac55828f156054e75feefe2fd11a81d761e24d178849c1ff");
  EXPECT_EQ(digest_after(adjust_contrast, 0.8), "be9c00028b67bb5bb896229219baaa5f32ac1e92bad2c598b9e3125dde31b4c9");
  EXPECT_EQ(digest_after(adjust_saturation, 1.2), "d08be319459cb9fddc42ef658c4a811e4950ef5b524ca47e618f7eeffd784012");
  EXPECT_EQ(digest_after(shift_hue, -0.13), "7e161d6ee12673aba3d80bc202325df8efdcc28363ca134802e796169836eba9");
}

TEST(Color, FactorOneChangesNothingAndZeroGivesTheDullPicture) {
  const Image original = rule_picture(7, 9, 3);
  for (auto adjust : {adjust_brightness, adjust_contrast, adjust_saturation}) {
    Image image = original;
    adjust(image, 1.0);
    EXPECT_EQ(image, original);
  }
  Image black = original;
  adjust_brightness(black, 0.0);
  EXPECT_EQ(black, Image(7, 9, 3));
}

TEST(Color, LabelsAreRefused) {
  Image labels(2, 2, 1);
  EXPECT_THROW(adjust_brightness(labels, 1.1), InternalError);
  EXPECT_THROW(shift_hue(labels, 0.1), InternalError);
}

// One pixel after another and no tables, as the definitions have it.
void shift_hue_of(uint8_t* rgb, int steps) {
  const int r = rgb[0], g = rgb[1], b = rgb[2], most = std::max({r, g, b}), least = std::min({r, g, b});
  uint8_t hue = 0, saturation = 0;
  if (most != least) {
    const float spread = static_cast<float>(most - least);
    const float from_r = static_cast<float>(most - r) / spread, from_g = static_cast<float>(most - g) / spread,
                from_b = static_cast<float>(most - b) / spread;
    float sector = 0;
    if (r == most) {
      sector = from_b - from_g;
    } else if (g == most) {
      sector = static_cast<float>(2.0 + from_r - from_b);
    } else {
      sector = static_cast<float>(4.0 + from_g - from_r);
    }
    hue = static_cast<uint8_t>(static_cast<float>(std::fmod(sector / 6.0 + 1.0, 1.0)) * 255.0);
    saturation = static_cast<uint8_t>(spread / static_cast<float>(most) * 255.0);
  }
  const double place = static_cast<float>(static_cast<uint8_t>(hue + steps)) * 6.0 / 255.0;
  const int sector = static_cast<int>(place);
  const float fraction = static_cast<float>(place - sector), share = static_cast<float>(saturation / 255.0);
  const auto faded = [&](double by) { return static_cast<uint8_t>(std::round(most * (1.0 - by))); };
  const auto full = static_cast<uint8_t>(most);
  const uint8_t none = faded(share), falling = faded(share * fraction), rising = faded(share * (1.0 - fraction));
  const uint8_t colors[6][3] = {{full, rising, none},  {falling, full, none}, {none, full, rising},
                                {none, falling, full}, {rising, none, full},  {full, none, falling}};
  std::copy_n(colors[sector % 6], 3, rgb);
}

void saturate(uint8_t* rgb, float factor) {
  const int grey = static_cast<int>((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
  for (int c = 0; c < 3; ++c) {
    const float value = static_cast<float>(grey) + factor * static_cast<float>(rgb[c] - grey);
    rgb[c] = static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
  }
}

// 4096 rows of 4096 px hold every colour once.
Image every_color() {
  Image image(4096, 4096, 3);
  for (size_t i = 0; i < image.pixels.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = static_cast<uint8_t>(i >> (8 * c));
  }
  return image;
}

TEST(Color, EveryColorIsTurnedAndSaturatedAsOneByOne) {
  const Image all = every_color();
  Image turned = all, saturated = all, right = all;
  shift_hue(turned, 0.25);
  for (size_t i = 0; i < right.pixels.size(); i += 3) shift_hue_of(&right.pixels[i], static_cast<int>(0.25 * 255));
  EXPECT_TRUE(turned == right);
  right = all;
  adjust_saturation(saturated, 1.2);
  for (size_t i = 0; i < right.pixels.size(); i += 3) saturate(&right.pixels[i], 1.2f);
  EXPECT_TRUE(saturated == right);
}

TEST(Color, EveryShiftOfTheHueIsThatOfPixelsOneByOneWhateverTheirNumber) {
  for (int steps = -128; steps <= 128; ++steps) {
    Image image = rule_picture(1, 200 + steps, 3), right = image;
    shift_hue(image, (steps + (steps < 0 ? -0.5 : 0.5)) / 255);
    for (size_t i = 0; i < right.pixels.size(); i += 3) shift_hue_of(&right.pixels[i], steps);
    EXPECT_EQ(image, right) << steps;
  }
}

TEST(Color, ContrastTurnsAroundTheMeanOfAllPixelsWhateverTheirNumber) {
  for (int width : {1, 255, 256, 257, 513}) {
    Image image(1, width, 3, 10);
    image.at(0, width - 1, 0) = image.at(0, width - 1, 1) = image.at(0, width - 1, 2) = 250;
    adjust_contrast(image, 0.0);
    EXPECT_EQ(image, Image(1, width, 3, static_cast<uint8_t>((10.0 * (width - 1) + 250) / width + 0.5))) << width;
  }
}

// The definition: a sum over the square around each pixel, edges repeated.
double blurred_value(const Image& image, int y, int x, int c, double sigma) {
  const int radius = static_cast<int>(4 * sigma + 0.5);
  double sum = 0, weights = 0;
  for (int dy = -radius; dy <= radius; ++dy) {
    for (int dx = -radius; dx <= radius; ++dx) {
      const double weight = std::exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
      sum += weight * image.at(std::clamp(y + dy, 0, image.height - 1), std::clamp(x + dx, 0, image.width - 1), c);
      weights += weight;
    }
  }
  return sum / weights;
}

TEST(Blur, GaussianBlurIsTheWeightedMeanOfTheNeighbourhoodTruncated) {
  for (double sigma : {0.15, 0.7, 1.3}) {
    const Image image = rule_picture(13, 17, 3), blurred = gaussian_blur(image, sigma);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(blurred.at(y, x, c) + 0.5, blurred_value(image, y, x, c, sigma), 0.5 + 1e-9);
      }
    }
  }
}

TEST(Blur, APictureSmallerThanTheKernelIsBlurredToo) {
  const Image image = rule_picture(2, 1, 3), blurred = gaussian_blur(image, 1.3);
  for (int y = 0; y < 2; ++y) EXPECT_NEAR(blurred.at(y, 0, 1) + 0.5, blurred_value(image, y, 0, 1, 1.3), 0.5 + 1e-9);
}

}  // namespace
}  // namespace strata
