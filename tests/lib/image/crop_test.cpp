#include "image/crop.h"

#include "lib/image/pixels.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::rule_picture;

TEST(Crop, InsideTheImageItTakesThePixelsOfTheWindow) {
  const Image image = rule_picture(9, 11, 3);
  const Image part = crop(image, {2, 3, 4, 5});
  ASSERT_EQ(part.height, 4);
  ASSERT_EQ(part.width, 5);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 5; ++x) EXPECT_EQ(part.at(y, x, 1), image.at(y + 2, x + 3, 1));
  }
}

TEST(Crop, BeyondTheImageItIsFilled) {
  const Image image = rule_picture(3, 4, 1);
  const Image part = crop(image, {-1, -2, 6, 8}, 255);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool inside = y >= 1 && y < 4 && x >= 2 && x < 6;
      EXPECT_EQ(part.at(y, x), inside ? image.at(y - 1, x - 2) : 255);
    }
  }
  EXPECT_EQ(crop(image, {10, 10, 2, 2}, 7), Image(2, 2, 1, 7));
}

TEST(Crop, FlippingExchangesLeftAndRightForOddAndEvenWidths) {
  for (int width : {1, 2, 7, 8}) {
    const Image image = rule_picture(3, width, 3);
    Image flipped = image;
    flip_horizontally(flipped);
    for (int x = 0; x < width; ++x) EXPECT_EQ(flipped.at(2, x, 1), image.at(2, width - 1 - x, 1));
    flip_horizontally(flipped);
    EXPECT_EQ(flipped, image);
  }
}

TEST(Crop, IntersectionIsTheCommonRectangle) {
  EXPECT_EQ(intersection({0, 0, 10, 10}, {5, -3, 10, 6}), (Window{5, 0, 5, 3}));
  EXPECT_EQ(intersection({0, 0, 4, 4}, {4, 0, 4, 4}).height, 0);
}

}  // namespace
}  // namespace strata
