#include "image/resize.h"
#include "image/crop.h"

#include "base/error.h"
#include "base/random.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::digest;
using testing::rule_picture;

TEST(Resize, ASmallPictureGivesPillowsNumbers) {
  // rule_picture(5, 6, 1) to 4x3 px (WxH), bicubic, by Pillow 12.0.
  EXPECT_EQ(resize(rule_picture(5, 6, 1), 3, 4, Filter::kBicubic).pixels,
            (std::vector<uint8_t>{52, 114, 140, 121, 152, 142, 135, 141, 97, 104, 136, 72}));
}

TEST(Resize, EveryFilterGivesPillowsBytesForShrinkingAndGrowing) {
  struct Case {
    int height, width;
    const char *bicubic, *bilinear, *nearest;
  };
  // Of rule_picture(23, 31, .), three channels and (nearest) one, by Pillow 12.0.
  const std::vector<Case> cases = {
      {23, 31, "c6a5b6e3747c2add00d3672c3705e80c45f1ab94e7f5fe57ba4b5a34f44a42dc",
       "c6a5b6e3747c2add00d3672c3705e80c45f1ab94e7f5fe57ba4b5a34f44a42dc",
       "e75902a80737052c4c4f2372f2a0a5cba8713e17f30e74a0fbb8086adc8e6ee8"},
      {1, 1, "cae203faa852664cba718bab557e6b59a751085a07bb38f82813aee69e271a26",
       "30231fc7d8a4870edebbb35d305918f07eb7be8c1af107eb9101b62fe9ae2ee2",
       "a318c24216defe206feeb73ef5be00033fa9c4a74d0b967f6532a26ca5906d3b"},
      {11, 40, "71a2bebb99499608781e2d3b57164eee62d57b2f76e068f56b50254fe86eb644",
       "baea5d507474823659ed8f1500d03ca68961a7b95d95144db1303afe52628f63",
       "bca10c70892d3f54f03291112f4d1446146fcb74f8a80b35dbd26a8db9879097"},
      {47, 15, "cfd481aa25d7fa56974ef2a5c2d6890c4ba88cf585ec0f1e2ec9ebb0b3104d1f",
       "1f6acaed4c11d3850c4660bc87c90f2b9f89786aba7b38ce9bbd8ca2e8650924",
       "792cbf1cf21d09768660970309c3a72f46cffeb148925f85c7de73df24031470"},
      {46, 62, "d3bde38947274f7a9a1ba470b6f963a0a05393f7ae1f72c010b6e9123a79aa3e",
       "a2ec8e7eac09c7bcbce72c720005db0e7894388307ba3a9bfad31995ae4cc26d",
       "0188049286b4499d5a0596c45c12ba8feb278a30185623c79e2e8110024cbfb4"},
      {97, 101, "20c984253692d4990f3ebb7908ed8dd27732d2aa723b10e092759f8fb9a7732d",
       "e23263fc295d8c6b1bf3960f602846c514fe4d445dc5b7369973c200c13145f0",
       "7ad1e3e8e67e5c231b958dd0e45c75b4b75de991bf5a0bd3d6c62d47be17bbf3"},
      {6, 7, "b0f7564f9d94ced0b699e37443ab68b771fd2a987ccfb6b41913c20944cf6db3",
       "3c80847d94b687d295ce46324e44a44c3ab0780ebda4d805823325570e382e68",
       "64c367419dcdff44383012dc8fc3529893904e5d066e513e8b4f33764d2f7726"},
  };
  const Image frame = rule_picture(23, 31, 3), labels = rule_picture(23, 31, 1);
  for (const Case& c : cases) {
    EXPECT_EQ(digest(resize(frame, c.height, c.width, Filter::kBicubic)), c.bicubic) << c.width << "x" << c.height;
    EXPECT_EQ(digest(resize(frame, c.height, c.width, Filter::kBilinear)), c.bilinear) << c.width << "x" << c.height;
    EXPECT_EQ(digest(resize(labels, c.height, c.width, Filter::kNearest)), c.nearest) << c.width << "x" << c.height;
  }
}

TEST(Resize, AWindowIsThatPartOfTheWholeFromTheSourcePixelsItNeeds) {
  RandomStream random(7);
  for (int round = 0; round < 600; ++round) {
    const auto filter = static_cast<Filter>(random.below(3));
    const Image source = rule_picture(static_cast<int>(random.between(1, 60)), static_cast<int>(random.between(1, 60)),
                                      filter == Filter::kNearest ? 1 : 3);
    const ResizePlan plan{source.height, source.width, static_cast<int>(random.between(1, 90)),
                          static_cast<int>(random.between(1, 90)), filter};
    const int height = static_cast<int>(random.between(1, plan.height)), width = static_cast<int>(random.between(1, plan.width));
    const Window window{static_cast<int>(random.between(0, plan.height - height)),
                        static_cast<int>(random.between(0, plan.width - width)), height, width};
    const Window needed = source_window_for(plan, window);
    const Image right = crop(resize(source, plan.height, plan.width, filter), window);
    EXPECT_EQ(resize_window(crop(source, needed), needed, plan, window), right) << "round " << round;
    EXPECT_EQ(resize_window(source, {0, 0, source.height, source.width}, plan, window), right) << "round " << round;
  }
}

TEST(Resize, AWindowNeedsLittleMoreThanItsShareOfTheSource) {
  const ResizePlan grown{256, 512, 512, 1024, Filter::kBicubic};
  const Window needed = source_window_for(grown, {100, 200, 128, 256});
  EXPECT_LE(needed.height, 64 + 4);
  EXPECT_LE(needed.width, 128 + 4);
  const ResizePlan shrunk{256, 512, 128, 256, Filter::kBicubic};
  EXPECT_LE(source_window_for(shrunk, {32, 32, 10, 20}).height, 20 + 8);
}

TEST(Resize, WindowsOutsideTheResultOrWithoutTheirPixelsAreRefused) {
  const Image source = rule_picture(10, 10, 3);
  const ResizePlan plan{10, 10, 20, 20, Filter::kBicubic};
  EXPECT_THROW(source_window_for(plan, {0, 15, 5, 6}), InternalError);
  EXPECT_THROW(source_window_for(plan, {0, 0, 0, 5}), InternalError);
  EXPECT_THROW(resize_window(crop(source, {0, 0, 4, 4}), {0, 0, 4, 4}, plan, {10, 10, 4, 4}), InternalError);
  EXPECT_THROW(resize(source, 0, 5, Filter::kBilinear), InternalError);
}

}  // namespace
}  // namespace strata
