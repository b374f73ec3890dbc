#include "image/tone.h"

#include "base/error.h"
#include "image/sharpness.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace strata {
namespace {

using testing::digest;
using testing::rule_picture;

Image eight_pixels() {
  Image image(1, 8, 3);
  image.pixels = {0, 0, 0, 255, 255, 255, 200, 30, 90, 12, 250, 33, 77, 77, 78, 255, 0, 1, 3, 140, 250, 128, 64, 32};
  return image;
}

Image dimmed(Image image, int divisor, int offset) {
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(value / divisor + offset);
  return image;
}

template <typename Change>
Image changed(Image image, const Change& change) {
  change(image);
  return image;
}

using Values = std::vector<uint8_t>;

// Right answers here and below by Pillow 13.0.
TEST(Tone, SmallPicturesGivePillowsNumbers) {
  EXPECT_EQ(changed(eight_pixels(), invert).pixels,
            (Values{255, 255, 255, 0, 0, 0, 55, 225, 165, 243, 5, 222, 178, 178, 177, 0, 255, 254, 252, 115, 5, 127, 191, 223}));
  EXPECT_EQ(changed(eight_pixels(), [](Image& image) { solarize(image, 55); }).pixels,
            (Values{0, 0, 0, 0, 0, 0, 55, 30, 165, 12, 5, 33, 178, 178, 177, 0, 0, 1, 3, 115, 5, 127, 191, 32}));
  EXPECT_EQ(changed(eight_pixels(), [](Image& image) { posterize(image, 5); }).pixels,
            (Values{0, 0, 0, 248, 248, 248, 200, 24, 88, 8, 248, 32, 72, 72, 72, 248, 0, 0, 0, 136, 248, 128, 64, 32}));
  EXPECT_EQ(changed(dimmed(eight_pixels(), 3, 20), autocontrast).pixels,
            (Values{0, 0, 0, 255, 255, 255, 198, 30, 90, 12, 249, 33, 75, 75, 78, 255, 0, 0, 3, 138, 249, 126, 63, 30}));
}

TEST(Tone, WholePicturesGivePillowsBytes) {
  const Image third = dimmed(rule_picture(64, 96, 3), 3, 50);
  EXPECT_EQ(digest(changed(rule_picture(64, 96, 3), equalize)),
            "abfed0560d854fd8908a22d62b8cb0546209b3628cbc590622133c5f27ac9cb0");
  EXPECT_EQ(digest(changed(third, equalize)), "89828ea3d9ae47679d5b6123417b8cb238267a96331e2a6136918b0eb4e04d32");
  EXPECT_EQ(digest(changed(third, autocontrast)), "5127665bffe684352ba7185565ba580add84684332039954e4ec702d1a1b4f50");
}

// Levels beyond 255 arise where there are few pixels.
TEST(Tone, EqualizeOfFewPixelsOrOfOneValueGivesPillowsBytes) {
  Image few(16, 32, 3);
  for (int y = 0; y < few.height; ++y) {
    for (int x = 0; x < few.width; ++x) {
      few.at(y, x, 0) = static_cast<uint8_t>(x);
      few.at(y, x, 1) = 7;
    }
  }
  few.at(0, 0, 2) = 9;
  EXPECT_EQ(digest(changed(few, equalize)), "2b5d8ad51105f03348dd90aa4224bf9f5173840908f9eb567375b897c3e41946");
}

TEST(Tone, AChannelOfOneValueStaysAsItIs) {
  const Image grey(5, 6, 3, 99);
  EXPECT_EQ(changed(grey, autocontrast), grey);
  EXPECT_EQ(changed(grey, equalize), grey);
}

TEST(Tone, TheWeakestStrengthChangesNothingAndTwoInversionsUndoEachOther) {
  const Image image = rule_picture(9, 10, 3);
  EXPECT_EQ(changed(image, [](Image& i) { posterize(i, 8); }), image);
  EXPECT_EQ(changed(image, [](Image& i) { solarize(i, 256); }), image);
  EXPECT_EQ(changed(image, [](Image& i) { solarize(i, 0); }), changed(image, invert));
  EXPECT_EQ(changed(changed(image, invert), invert), image);
}

TEST(Tone, LabelsAndImpossibleBitsAreRefused) {
  Image labels(2, 2, 1), frame(2, 2, 3);
  for (auto change : {autocontrast, equalize, invert}) EXPECT_THROW(change(labels), InternalError);
  EXPECT_THROW(solarize(labels, 3), InternalError);
  EXPECT_THROW(adjust_sharpness(labels, 3), InternalError);
  EXPECT_THROW(posterize(frame, 0), InternalError);
  EXPECT_THROW(posterize(frame, 9), InternalError);
}

Image sharpened(Image image, double factor) {
  adjust_sharpness(image, factor);
  return image;
}

TEST(Sharpness, ASmallPictureGivesPillowsNumbers) {
  EXPECT_EQ(sharpened(rule_picture(4, 5, 3), 1.9).pixels,
            (Values{0,   53,  106, 37,  90,  143, 74, 127, 180, 111, 164, 217, 148, 201, 254, 91, 144, 197, 157, 227,
                    255, 222, 255, 0,   255, 0,   49, 27,  80,  133, 182, 235, 32,  255, 0,   73, 0,   79,  168, 85,
                    174, 255, 162, 215, 12,  17,  70, 123, 87,  140, 193, 157, 210, 7,   227, 24, 77,  41,  94,  147}));
}

TEST(Sharpness, WholePicturesGivePillowsBytesForSofterAndSharper) {
  const Image image = rule_picture(64, 96, 3);
  EXPECT_EQ(digest(sharpened(image, 0.1)), "7fe795ce0119161098a7cef88fb6e7d3bdca6015bcdda6f43e76db876bd21e15");
  EXPECT_EQ(digest(sharpened(image, 0.64)), "00fdf03b82e0880fd81f5d24758933e641b40aa50d3049b26e7103b5a639fea6");
  EXPECT_EQ(digest(sharpened(image, 1.9)), "802445af4784e81fd405237c8ef9b96dc8b0c046b90d843f12cc863d0cb8b918");
}

TEST(Sharpness, FactorOneBordersAndTinyPicturesStayAsTheyAre) {
  const Image image = rule_picture(6, 7, 3);
  EXPECT_EQ(sharpened(image, 1), image);
  EXPECT_EQ(sharpened(rule_picture(2, 9, 3), 0.1), rule_picture(2, 9, 3));
  EXPECT_EQ(sharpened(rule_picture(9, 2, 3), 0.1), rule_picture(9, 2, 3));
  const Image soft = sharpened(image, 0);
  for (int x = 0; x < image.width; ++x) EXPECT_EQ(soft.at(5, x, 1), image.at(5, x, 1));
  for (int y = 0; y < image.height; ++y) EXPECT_EQ(soft.at(y, 0, 2), image.at(y, 0, 2));
}

}  // namespace
}  // namespace strata
