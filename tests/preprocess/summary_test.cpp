#include "preprocess/summary.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

TEST(Summary, CountsFilesBytesAndPixelsPerClass) {
  Manifest manifest;
  manifest.labels = camvid_label_set();
  SplitEntry& train = manifest.splits["train"];
  train.shards = {{"train-00000.h5", 10, 1'500'000, ""}, {"train-00001.h5", 9, 500'000, ""}};
  train.class_pixels.assign(11, 0);
  train.class_images.assign(11, 0);
  train.class_pixels[3] = 750;
  train.class_images[3] = 19;
  train.ignored_pixels = 250;
  const std::string text = summary_text({{"train", 20, 40, 4'000'000}}, manifest);
  EXPECT_THAT(text, HasSubstr("train              20       40     4.0 MB         19        2     2.0 MB   0.50\n"));
  EXPECT_THAT(text, HasSubstr("  3 road                              750   75.000       19\n"));
  EXPECT_THAT(text, HasSubstr("    (ignored)                         250   25.000         \n"));
}

}  // namespace
}  // namespace strata::testing
