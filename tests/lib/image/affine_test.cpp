#include "image/affine.h"

#include "base/error.h"
#include "image/crop.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::digest;
using testing::rule_picture;

constexpr uint8_t kIgnored = 65;

Image tens() {  // 10, 20, ... 120 in three rows
  Image image(3, 4, 1);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(10 * (i + 1));
  return image;
}

TEST(Affine, ASmallPictureMovesToTheLeftWithItsBorderFilled) {
  EXPECT_EQ(transform_nearest(tens(), {.x0 = 1}).pixels, (std::vector<uint8_t>{20, 30, 40, 0, 60, 70, 80, 0, 100, 110, 120, 0}));
  EXPECT_EQ(transform_bilinear(tens(), {.x0 = 0.5}).pixels,
            (std::vector<uint8_t>{15, 25, 35, 0, 55, 65, 75, 0, 95, 105, 115, 0}));
}

// Of rule_picture(64, 96, .): three channels bilinear (turns: nearest) over black, one channel nearest over 65; by Pillow 13.0.
struct Case {
  const char* name;
  Affine map;
  const char *frame, *labels;
};

TEST(Affine, ShearsAndShiftsGivePillowsBytes) {
  const std::vector<Case> cases = {
      {"shear x",
       {.xy = 0.3},
       "05d6032cd2183255e3efb6ddcd1e92673fb79ad14a4de0545aef8793eba3942f",
       "7f51a9cfdffdcf023bfb9dc26ad6fca77f62cf1f8b38cf93ab3c8a3ccd1cc983"},
      {"shear x",
       {.xy = -0.17},
       "35e5521477461e0a7393386dbd89176e96f8dd59936ac0de9eb16bae5e995e22",
       "87ef6b16af36a5139821040bd8d0bb7438209048ae1e4930f502e260bea7d47c"},
      {"shear y",
       {.yx = 0.23},
       "7de9416bef013250b6813cb1ff2f326a15990a8605310227237f1a1c716a1e85",
       "8926daa521d2f31135e3e5b32c50c4b1f6c35329dbc89d84b03cb1e99009bd64"},
      {"shift x",
       {.x0 = 0.33 * 96},
       "a276df3aae846785a662fed5a1618d729bd1b999dae38dbeeea64e034438dba7",
       "61508aa1a9a480e25d8fbe1d6675db35db1ce8f6757b0698600ba0261bdf7f3e"},
      {"shift x",
       {.x0 = -0.11 * 96},
       "6fb59c0ab6396584449e89fdca31bbcadc5300462a9adf108805ba02fbc9dfc5",
       "4c1ecda7b785014bea3ff274f0f62463f422e0cd53f305ec44244270d1bd03b7"},
      {"shift y",
       {.y0 = -0.2 * 64},
       "126d9c4244357acb36cf693f604cda124deaa2a134d9735e0f06c4d95b960e9a",
       "ea0d329f1c76ae1cd53d248e91a0122f38480a4eb67b8e9394238dc85eb632e9"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(digest(transform_bilinear(rule_picture(64, 96, 3), c.map)), c.frame) << c.name;
    EXPECT_EQ(digest(transform_nearest(rule_picture(64, 96, 1), c.map, kIgnored)), c.labels) << c.name;
  }
}

TEST(Affine, TurnsGivePillowsBytes) {
  struct Turn {
    double degrees;
    const char *frame, *labels;
  };
  const std::vector<Turn> turns = {
      {-30, "0e72160c5c465232ba954a9fd6b07f869cb677428754b3fef81d7f5c3d97b127",
       "a1726b0eb0183ba9c5df931348adf209bc17c8c04cba675a8c74c7acdae4b153"},
      {7, "0127dc28e73328dc564110d6bf3bf4d75910aca46d8b80064c23022e64d645c4",
       "239ab76bc22a3b58eccf5c118a8c64ad06de4b949fe8aa178890b832bf4e8060"},
      {17.3, "cd6fa4c3b1613e06174109cab0bf64ef931e811f98e7666a3bca19de3d4befb4",
       "847dcdf057782cd50da08e442cb2cad86c61a68575c56ddbcbf59024afb07f26"},
      {90, "aa1d94c3a262fb90b84fd092084b966c95b8070ce0d95967753eae8014e6847c",
       "65bb19ab56df60a5db870a22f476cff2df3f08dfb1e9e64787b73147c97c0404"},
      {180, "f8472bb53847de4a00a489347e33e82cc1153722ba0b33149e14776f5c5fb0da",
       "7c9ad55264e94c053434305936202e4c0bb3d99affd94e73733759878bfd3484"},
  };
  for (const Turn& turn : turns) {
    const Affine map = rotation(turn.degrees, 64, 96);
    EXPECT_EQ(digest(transform_nearest(rule_picture(64, 96, 3), map)), turn.frame) << turn.degrees;
    EXPECT_EQ(digest(transform_nearest(rule_picture(64, 96, 1), map, kIgnored)), turn.labels) << turn.degrees;
  }
}

TEST(Affine, NoMoveChangesNothing) {
  for (int channels : {1, 3}) {
    const Image image = rule_picture(11, 14, channels);
    EXPECT_EQ(transform_nearest(image, {}), image);
    EXPECT_EQ(transform_bilinear(image, {}), image);
    EXPECT_EQ(transform_nearest(image, rotation(0, 11, 14)), image);
    EXPECT_EQ(transform_nearest(image, rotation(360, 11, 14)), image);
  }
}

TEST(Affine, AShiftByWholePixelsIsACrop) {
  const Image image = rule_picture(11, 14, 3);
  const Image right = crop(image, {0, -3, 11, 14});
  EXPECT_EQ(transform_nearest(image, {.x0 = -3}), right);
  EXPECT_EQ(transform_bilinear(image, {.x0 = -3}), right);
  EXPECT_EQ(transform_nearest(image, {.y0 = 20}, 9), Image(11, 14, 3, 9));
}

TEST(Affine, PositiveAnglesTurnCounterClockwise) {
  Image image(5, 5, 1);
  image.at(2, 4) = 200;  // right of the middle
  EXPECT_EQ(transform_nearest(image, rotation(90, 5, 5)).at(0, 2), 200);
}

TEST(Affine, PicturesOfTwoChannelsAreRefused) {
  EXPECT_THROW(transform_nearest(Image(2, 2, 2), {}), InternalError);
  EXPECT_THROW(transform_bilinear(Image(2, 2, 2), {}), InternalError);
}

}  // namespace
}  // namespace strata
