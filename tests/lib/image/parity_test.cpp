// Against numbers of Pillow 13.0 and scikit-image 0.26 (parity/README.md).
#include "image/blur.h"
#include "image/color.h"
#include "image/resize.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace strata {
namespace {

using testing::Hdf5File;

Image picture(const Hdf5File& file, const std::string& dataset) {
  const std::vector<int64_t> shape = file.shape(dataset);
  Image image(static_cast<int>(shape[0]), static_cast<int>(shape[1]), shape.size() == 3 ? static_cast<int>(shape[2]) : 1);
  image.pixels = file.bytes(dataset);
  return image;
}

TEST(ImageParity, ResizeIsPillowsByteForByteAtEverySize) {
  const Hdf5File file(testing::shared_dir() / "parity/resize.h5");
  const Image frame = picture(file, "image"), labels = picture(file, "label");
  int sizes = 0;
  for (const std::string& size : file.children("/")) {
    if (!file.has("/" + size + "/bicubic")) continue;
    ++sizes;
    const auto expect_equal = [&](const Image& source, Filter filter, const std::string& name) {
      const Image right = picture(file, size + "/" + name);
      EXPECT_EQ(resize(source, right.height, right.width, filter), right) << size << " " << name;
    };
    expect_equal(frame, Filter::kBicubic, "bicubic");
    expect_equal(frame, Filter::kBilinear, "bilinear");
    expect_equal(labels, Filter::kNearest, "label_nearest");
  }
  EXPECT_EQ(sizes, 6);
}

void expect_equal_at_every_strength(const std::string& group, void (*adjust)(Image&, double)) {
  const Hdf5File file(testing::shared_dir() / "parity/augment.h5");
  ASSERT_FALSE(file.children(group).empty());
  for (const std::string& strength : file.children(group)) {
    Image image = picture(file, "image");
    adjust(image, std::stod(strength));
    EXPECT_EQ(image, picture(file, group + "/" + strength)) << group << " " << strength;
  }
}

TEST(ImageParity, BrightnessIsPillowsByteForByte) { expect_equal_at_every_strength("brightness", adjust_brightness); }
TEST(ImageParity, ContrastIsPillowsByteForByte) { expect_equal_at_every_strength("contrast", adjust_contrast); }
TEST(ImageParity, SaturationIsPillowsByteForByte) { expect_equal_at_every_strength("saturation", adjust_saturation); }
TEST(ImageParity, HueIsPillowsByteForByte) { expect_equal_at_every_strength("hue", shift_hue); }

TEST(ImageParity, GaussianBlurIsScikitImagesWithinOneLevel) {
  const Hdf5File file(testing::shared_dir() / "parity/augment.h5");
  for (const std::string& sigma : file.children("gaussian")) {
    const Image right = picture(file, "gaussian/" + sigma), blurred = gaussian_blur(picture(file, "image"), std::stod(sigma));
    ASSERT_EQ(blurred.pixels.size(), right.pixels.size());
    int most = 0, different = 0;
    for (size_t i = 0; i < right.pixels.size(); ++i) {
      const int difference = std::abs(blurred.pixels[i] - right.pixels[i]);
      most = std::max(most, difference);
      different += difference != 0;
    }
    EXPECT_LE(most, 1) << "sigma " << sigma;
    RecordProperty("different_at_sigma_" + sigma, different);
    std::printf("sigma %s: %d of %zu bytes differ\n", sigma.c_str(), different, right.pixels.size());
  }
}

}  // namespace
}  // namespace strata
