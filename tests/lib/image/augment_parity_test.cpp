// Every dataset of parity/augment.h5: Pillow 13.0 and scikit-image 0.26 at fixed parameters (parity/README.md).
#include "image/affine.h"
#include "image/bilateral.h"
#include "image/blur.h"
#include "image/color.h"
#include "image/sharpness.h"
#include "image/tone.h"
#include "lib/image/parity_pictures.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

namespace strata {
namespace {

using testing::Hdf5File;
using testing::picture;
using ::testing::UnorderedElementsAre;

constexpr uint8_t kLabelFill = 255;

Hdf5File augmented() { return Hdf5File(testing::shared_dir() / "parity/augment.h5"); }

TEST(AugmentParity, EveryDatasetOfTheFileIsTestedHere) {
  EXPECT_THAT(augmented().children("/"),
              UnorderedElementsAre("autocontrast", "bilateral", "brightness", "contrast", "equalize", "gaussian", "hue", "image",
                                   "invert", "label", "posterize", "rotate", "saturation", "sharpness", "shear_x", "shear_y",
                                   "solarize", "translate_x", "translate_y"));
}

template <typename Adjust>
void expect_equal_at_every_strength(const std::string& group, const Adjust& adjust) {
  const Hdf5File file = augmented();
  EXPECT_GE(file.children(group).size(), 3u);
  for (const std::string& strength : file.children(group)) {
    Image image = picture(file, "image");
    adjust(image, std::stod(strength));
    EXPECT_EQ(image, picture(file, group + "/" + strength)) << group << " " << strength;
  }
}

TEST(AugmentParity, BrightnessIsPillowsByteForByte) { expect_equal_at_every_strength("brightness", adjust_brightness); }
TEST(AugmentParity, ContrastIsPillowsByteForByte) { expect_equal_at_every_strength("contrast", adjust_contrast); }
TEST(AugmentParity, SaturationIsPillowsByteForByte) { expect_equal_at_every_strength("saturation", adjust_saturation); }
TEST(AugmentParity, HueIsPillowsByteForByte) { expect_equal_at_every_strength("hue", shift_hue); }
TEST(AugmentParity, SharpnessIsPillowsByteForByte) { expect_equal_at_every_strength("sharpness", adjust_sharpness); }
TEST(AugmentParity, SolarizeIsPillowsByteForByte) { expect_equal_at_every_strength("solarize", solarize); }
TEST(AugmentParity, PosterizeIsPillowsByteForByte) {
  expect_equal_at_every_strength("posterize", [](Image& image, double bits) { posterize(image, static_cast<int>(bits)); });
}

TEST(AugmentParity, AutocontrastEqualizeAndInvertArePillowsByteForByte) {
  const Hdf5File file = augmented();
  const auto expect_equal = [&](const char* name, void (*change)(Image&)) {
    Image image = picture(file, "image");
    change(image);
    EXPECT_EQ(image, picture(file, name)) << name;
  };
  expect_equal("autocontrast", autocontrast);
  expect_equal("equalize", equalize);
  expect_equal("invert", invert);
}

// `map_of` makes the map from the strength and the picture.
template <typename MapOf>
void expect_equal_moves(const std::string& group, Image (*transform_frame)(const Image&, const Affine&, uint8_t),
                        const MapOf& map_of) {
  const Hdf5File file = augmented();
  const Image frame = picture(file, "image"), labels = picture(file, "label");
  EXPECT_EQ(file.children(group).size(), 3u);
  for (const std::string& strength : file.children(group)) {
    const Affine map = map_of(std::stod(strength), frame);
    EXPECT_EQ(transform_frame(frame, map, 0), picture(file, group + "/" + strength + "/image")) << group << " " << strength;
    EXPECT_EQ(transform_nearest(labels, map, kLabelFill), picture(file, group + "/" + strength + "/label"))
        << group << " " << strength;
  }
}

TEST(AugmentParity, ShearsArePillowsByteForByteInFrameAndLabels) {
  expect_equal_moves("shear_x", transform_bilinear, [](double share, const Image&) { return Affine{.xy = share}; });
  expect_equal_moves("shear_y", transform_bilinear, [](double share, const Image&) { return Affine{.yx = share}; });
}

TEST(AugmentParity, TranslationsArePillowsByteForByteInFrameAndLabels) {
  expect_equal_moves("translate_x", transform_bilinear,
                     [](double share, const Image& image) { return Affine{.x0 = share * image.width}; });
  expect_equal_moves("translate_y", transform_bilinear,
                     [](double share, const Image& image) { return Affine{.y0 = share * image.height}; });
}

TEST(AugmentParity, RotationsArePillowsByteForByteInFrameAndLabels) {
  expect_equal_moves("rotate", transform_nearest,
                     [](double degrees, const Image& image) { return rotation(degrees, image.height, image.width); });
}

void expect_within_one_level(const std::string& group, Image (*blur)(const Image&, double)) {
  const Hdf5File file = augmented();
  EXPECT_GE(file.children(group).size(), 3u);
  for (const std::string& sigma : file.children(group)) {
    const Image right = picture(file, group + "/" + sigma), blurred = blur(picture(file, "image"), std::stod(sigma));
    ASSERT_EQ(blurred.pixels.size(), right.pixels.size());
    int most = 0, different = 0;
    for (size_t i = 0; i < right.pixels.size(); ++i) {
      const int difference = std::abs(blurred.pixels[i] - right.pixels[i]);
      most = std::max(most, difference);
      different += difference != 0;
    }
    EXPECT_LE(most, 1) << group << ", sigma " << sigma;
    std::printf("%s, sigma %s: %d of %zu bytes differ\n", group.c_str(), sigma.c_str(), different, right.pixels.size());
  }
}

TEST(AugmentParity, GaussianBlurIsScikitImagesWithinOneLevel) { expect_within_one_level("gaussian", gaussian_blur); }
TEST(AugmentParity, BilateralBlurIsScikitImagesWithinOneLevel) {
  expect_within_one_level("bilateral", bilateral_blur_as_scikit_image);
}

}  // namespace
}  // namespace strata
