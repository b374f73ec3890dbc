#include "loader/augment.h"

#include "base/error.h"
#include "image/bilateral.h"
#include "image/blur.h"
#include "image/color.h"
#include "image/crop.h"
#include "lib/loader/small_dataset.h"
#include "loader/frame_reader.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace strata {
namespace {

using testing::ScratchDirectory;
using testing::SmallDataset;
using testing::write_small_dataset;

constexpr int kHeight = 256, kWidth = 512;
const AugmentOptions kOptions{
    .crop_height = 128, .crop_width = 256, .rand_augment = {2, 9}, .blur = AugmentOptions::Blur::kGaussian};

std::vector<AugmentPlan> plans(const AugmentOptions& options, uint64_t count, const std::optional<Centroid>& centroid = {}) {
  std::vector<AugmentPlan> list;
  for (uint64_t position = 0; position < count; ++position)
    list.push_back(plan_augmentation(options, kHeight, kWidth, centroid, {3, 1, position}));
  return list;
}

TEST(Augment, APlanIsAPureFunctionOfItsKey) {
  const auto plan = [](AugmentKey key) { return plan_augmentation(kOptions, kHeight, kWidth, {}, key); };
  EXPECT_EQ(plan({1, 2, 3}), plan({1, 2, 3}));
  EXPECT_NE(plan({1, 2, 3}), plan({2, 2, 3}));
  EXPECT_NE(plan({1, 2, 3}), plan({1, 3, 3}));
  EXPECT_NE(plan({1, 2, 3}), plan({1, 2, 4}));
}

// Numbers of the version before RandAugment: a run that was begun with it goes on with the same views.
TEST(Augment, WhatAKeyDrawsIsTheSameInAllVersions) {
  const AugmentOptions options{.crop_height = 128, .crop_width = 256, .blur = AugmentOptions::Blur::kGaussian};
  const auto plan_at = [&](uint64_t position) {
    return plan_augmentation(options, kHeight, kWidth, Centroid{0, 200, 30}, {7, 3, position});
  };
  const AugmentPlan plan = plan_at(12);
  EXPECT_EQ(plan.height, 509);
  EXPECT_EQ(plan.width, 1019);
  EXPECT_EQ(plan.crop, (Window{54, 209, 128, 256}));
  EXPECT_TRUE(plan.rand_augment.empty());
  const std::array<ColorStep, 4> color = {{{adjust_saturation, 1.0326402133075765},
                                           {adjust_brightness, 0.83767073203975451},
                                           {adjust_contrast, 0.77914071729538259},
                                           {shift_hue, 0.0081783237926980057}}};
  for (size_t i = 0; i < color.size(); ++i) {
    EXPECT_EQ(plan.color->at(i).adjust, color[i].adjust) << i;
    EXPECT_DOUBLE_EQ(plan.color->at(i).strength, color[i].strength) << i;
  }
  EXPECT_EQ(plan.blur->blur, gaussian_blur);
  EXPECT_DOUBLE_EQ(plan.blur->sigma, 0.51564083971263464);
  std::vector<bool> flips;
  for (uint64_t position = 12; position < 17; ++position) flips.push_back(plan_at(position).flip);
  EXPECT_EQ(flips, (std::vector<bool>{false, true, false, true, true}));
}

TEST(Augment, TurningOnePartOffLeavesTheOtherDrawsAlone) {
  AugmentOptions plain = kOptions;
  plain.color = 0;
  plain.rand_augment.operations = 0;
  plain.blur = AugmentOptions::Blur::kNone;
  for (uint64_t position = 0; position < 50; ++position) {
    const AugmentPlan with = plan_augmentation(kOptions, kHeight, kWidth, {}, {3, 1, position});
    const AugmentPlan without = plan_augmentation(plain, kHeight, kWidth, {}, {3, 1, position});
    EXPECT_EQ(with.crop, without.crop);
    EXPECT_EQ(with.height, without.height);
    EXPECT_EQ(with.flip, without.flip);
    EXPECT_EQ(with.rand_augment.size(), 2u);
    EXPECT_TRUE(without.rand_augment.empty());
    EXPECT_FALSE(without.color || without.blur);
  }
}

TEST(Augment, ScalesAreUniformBetweenTheirBounds) {
  const auto list = plans(kOptions, 6000);
  std::array<int, 6> tally{};  // of 0.25 each from 0.5 to 2
  for (const AugmentPlan& plan : list) {
    const double scale = static_cast<double>(plan.width) / kWidth;
    ASSERT_GE(plan.width, 256);
    ASSERT_LT(plan.width, 1024);
    EXPECT_NEAR(plan.height, scale * kHeight, 1.0);
    ++tally[std::min(static_cast<size_t>((scale - 0.5) / 0.25), tally.size() - 1)];
  }
  for (int count : tally) EXPECT_NEAR(count, 1000, 5 * 29) << "expected 1000 with deviation 29";
}

TEST(Augment, PreSizeMakesTheLongEdgeThatLongBeforeScaling) {
  AugmentOptions options = kOptions;
  options.pre_size = 1024;
  options.scale_min = options.scale_max = 1.0;
  const AugmentPlan plan = plan_augmentation(options, kHeight, kWidth, {}, {});
  EXPECT_EQ(plan.width, 1024);
  EXPECT_EQ(plan.height, 512);
}

TEST(Augment, HalfOfTheViewsAreMirroredAndColourStepsComeInEveryOrder) {
  const auto list = plans(kOptions, 2400);
  EXPECT_NEAR(std::count_if(list.begin(), list.end(), [](const AugmentPlan& p) { return p.flip; }), 1200, 5 * 25);
  std::map<std::vector<void (*)(Image&, double)>, int> orders;
  for (const AugmentPlan& plan : list) {
    std::vector<void (*)(Image&, double)> order;
    for (const ColorStep& step : *plan.color) {
      order.push_back(step.adjust);
      const bool hue = step.adjust == shift_hue;
      EXPECT_GE(step.strength, hue ? -0.25 : 0.75);
      EXPECT_LE(step.strength, hue ? 0.25 : 1.25);
    }
    ++orders[order];
  }
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, 100, 5 * 10);
}

// Blurs of 10,000 plans: all the same function, sigmas uniform between the bounds.
void expect_uniform_sigmas(AugmentOptions::Blur blur, Image (*function)(const Image&, double), double least, double most) {
  AugmentOptions options = kOptions;
  options.blur = blur;
  double sum = 0, smallest = 10, greatest = 0;
  const auto list = plans(options, 10000);
  for (const AugmentPlan& plan : list) {
    ASSERT_TRUE(plan.blur);
    EXPECT_EQ(plan.blur->blur, function);
    sum += plan.blur->sigma;
    smallest = std::min(smallest, plan.blur->sigma);
    greatest = std::max(greatest, plan.blur->sigma);
  }
  const double range = most - least, deviation_of_mean = range / std::sqrt(12.0 * 10000);
  EXPECT_NEAR(sum / 10000, (least + most) / 2, 5 * deviation_of_mean);
  EXPECT_GE(smallest, least);
  EXPECT_LT(greatest, most);
  EXPECT_LT(smallest, least + 0.002 * range);
  EXPECT_GT(greatest, most - 0.002 * range);
}

TEST(Augment, BlursAreUniformlyWideBetweenTheBoundsOfTheirKind) {
  using Blur = AugmentOptions::Blur;
  expect_uniform_sigmas(Blur::kGaussian, gaussian_blur, 0.15, 1.30);
  expect_uniform_sigmas(Blur::kBilateral, bilateral_blur, 0.05, 0.75);
  expect_uniform_sigmas(Blur::kBilateralAsScikitImage, bilateral_blur_as_scikit_image, 0.05, 0.75);
}

TEST(Augment, CropsLieWithinTheScaledFrameAndReachItsEdges) {
  AugmentOptions options = kOptions;
  options.scale_min = options.scale_max = 0.6;  // 307 px wide: x from 0 to 51
  int least = 1000, most = -1000;
  for (const AugmentPlan& plan : plans(options, 2000)) {
    EXPECT_GE(plan.crop.x, 0);
    EXPECT_LE(plan.crop.x + plan.crop.width, plan.width);
    EXPECT_LE(plan.crop.y + plan.crop.height, plan.height);
    least = std::min(least, plan.crop.x);
    most = std::max(most, plan.crop.x);
  }
  EXPECT_EQ(least, 0);
  EXPECT_EQ(most, 51);
}

TEST(Augment, ACropAtACentroidHoldsItsPixel) {
  for (const Centroid& centroid : {Centroid{0, 0, 0}, Centroid{0, 511, 255}, Centroid{0, 200, 30}, Centroid{0, 3, 250}}) {
    for (const AugmentPlan& plan : plans(kOptions, 500, centroid)) {
      const int x = static_cast<int>(centroid.x) * plan.width / kWidth, y = static_cast<int>(centroid.y) * plan.height / kHeight;
      EXPECT_LE(plan.crop.x, x + 1);
      EXPECT_LE(x, plan.crop.x + plan.crop.width);
      EXPECT_LE(plan.crop.y, y + 1);
      EXPECT_LE(y, plan.crop.y + plan.crop.height);
    }
  }
}

TEST(Augment, AFrameSmallerThanTheCropStandsInItsMiddleOnBlackAndIgnored) {
  AugmentOptions options = kOptions;
  options.crop_height = 300;
  options.crop_width = 256;
  options.scale_min = options.scale_max = 0.5;  // 256x128 px
  for (const AugmentPlan& plan : plans(options, 100)) {
    EXPECT_LE(plan.crop.y, 0);
    EXPECT_GE(plan.crop.y, -(300 - 128) / 2 - 1);
    EXPECT_LE(plan.crop.y, -(300 - 128) / 2 + 1);
    EXPECT_EQ(plan.crop.x, 0);
  }
}

TEST(Augment, WithTheTranslationFixASmallerFrameStandsAnywhereInTheCrop) {
  AugmentOptions options = kOptions;
  options.small_frame = AugmentOptions::SmallFrame::kAnywhere;
  options.scale_min = options.scale_max = 0.5;  // 256x128 px
  options.crop_height = 137;
  options.crop_width = 266;
  for (const std::optional<Centroid>& centroid : {std::optional<Centroid>(), std::optional<Centroid>({0, 500, 3})}) {
    std::map<int, int> begins_y, begins_x;
    for (const AugmentPlan& plan : plans(options, 10000, centroid)) {
      ++begins_y[plan.crop.y];
      ++begins_x[plan.crop.x];
    }
    ASSERT_EQ(begins_y.size(), 10u);  // -9 .. 0
    ASSERT_EQ(begins_x.size(), 11u);  // -10 .. 0
    EXPECT_EQ(begins_y.begin()->first, -9);
    EXPECT_EQ(begins_x.begin()->first, -10);
    for (const auto& [begin, count] : begins_y) EXPECT_NEAR(count, 1000, 5 * 30) << begin;
    for (const auto& [begin, count] : begins_x) EXPECT_NEAR(count, 909, 5 * 29) << begin;
  }
}

TEST(Augment, TheTranslationFixChangesNothingWhereTheFrameIsLargerThanTheCrop) {
  AugmentOptions fixed = kOptions;
  fixed.small_frame = AugmentOptions::SmallFrame::kAnywhere;
  fixed.crop_height = 300;  // one side too small at small scales, the other never
  AugmentOptions plain = fixed;
  plain.small_frame = AugmentOptions::SmallFrame::kInMiddle;
  for (uint64_t position = 0; position < 300; ++position) {
    const Centroid centroid{0, 100, 200};
    const AugmentPlan with = plan_augmentation(fixed, kHeight, kWidth, centroid, {3, 1, position});
    AugmentPlan without = plan_augmentation(plain, kHeight, kWidth, centroid, {3, 1, position});
    if (with.height < 300) {
      EXPECT_GE(with.crop.y, with.height - 300);
      EXPECT_LE(with.crop.y, 0);
      without.crop.y = with.crop.y;
    }
    EXPECT_EQ(with, without);
  }
}

TEST(Augment, AFullCropIsAsLargeAsTheStoredFrameWhateverTheScale) {
  AugmentOptions options = kOptions;
  options.crop = AugmentOptions::Crop::kWholeFrame;
  EXPECT_EQ(view_size(options, 70, 90), (ViewSize{70, 90}));
  EXPECT_EQ(view_size(kOptions, 70, 90), (ViewSize{128, 256}));
  AugmentOptions as_large = kOptions;
  as_large.crop_height = kHeight;
  as_large.crop_width = kWidth;
  EXPECT_EQ(plans(options, 200), plans(as_large, 200));
  options.pre_size = as_large.pre_size = 100;
  EXPECT_EQ(plans(options, 20), plans(as_large, 20));
}

TEST(Augment, AFullCropWithoutZoomIsTheFrame) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path(), {.samples = 3});
  const auto dataset = written.open();
  const AugmentOptions options{.crop = AugmentOptions::Crop::kWholeFrame, .scale_min = 1, .scale_max = 1, .flip = 0, .color = 0};
  for (size_t sample = 0; sample < 3; ++sample) {
    const Image& frame = written.frames[sample];
    const AugmentedSample view =
        read_augmented(*dataset, sample, plan_augmentation(options, frame.height, frame.width, {}, {1, 2, 3}));
    EXPECT_EQ(view.frame, frame);
    EXPECT_EQ(view.labels, read_labels(*dataset, sample, whole(dataset->sample(sample))));
  }
}

// Whatever happens to the view afterwards, only the source pixels of its crop are read.
TEST(Augment, TilesBesideTheCropAreNotDecoded) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path(), {.samples = 1});
  const auto dataset = written.open();
  const Sample& sample = dataset->sample(0);  // 100x72 px, tiles of 40 px
  AugmentPlan plan{.height = 72, .width = 100, .crop = {-10, 0, 40, 38}, .flip = true};
  plan.rand_augment = {{RandOperation::kShearX, 0.3}, {RandOperation::kTranslateY, -0.2}, {RandOperation::kRotate, 30}};
  plan.blur = BlurStep{bilateral_blur, 0.5};
  const AugmentedSample before = read_augmented(*dataset, 0, plan);
  for (const Tile& tile : sample.tiles) {
    if (tile.y > 0 || tile.x > 0) testing::damage_tile(*dataset, scratch.path(), 0, tile);
  }
  const AugmentedSample after = read_augmented(*written.open(), 0, plan);
  EXPECT_EQ(after.frame, before.frame);
  EXPECT_EQ(after.labels, before.labels);
  plan.crop.x = 10;
  EXPECT_THROW(read_augmented(*written.open(), 0, plan), DataError);
}

TEST(Augment, AViewEqualsWholeFrameOperationsOneAfterTheOther) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path(), {.samples = 3});
  const auto dataset = written.open();
  const AugmentOptions options{.crop_height = 60,
                               .crop_width = 110,
                               .small_frame = AugmentOptions::SmallFrame::kAnywhere,
                               .color = 0.25,
                               .rand_augment = {3, 12},
                               .blur = AugmentOptions::Blur::kBilateral};
  for (uint64_t position = 0; position < 24; ++position) {
    const size_t sample = position % 3;
    const Image& frame = written.frames[sample];
    const AugmentPlan plan =
        plan_augmentation(options, frame.height, frame.width, dataset->sample(sample).centroids[0], {9, 0, position});
    const Image labels = read_labels(*dataset, sample, whole(dataset->sample(sample)));
    Image right_frame = crop(resize(frame, plan.height, plan.width, Filter::kBicubic), plan.crop);
    Image right_labels = crop(resize(labels, plan.height, plan.width, Filter::kNearest), plan.crop, 255);
    if (plan.flip) {
      flip_horizontally(right_frame);
      flip_horizontally(right_labels);
    }
    for (const RandStep& step : plan.rand_augment) apply(step, right_frame, right_labels, 255);
    for (const ColorStep& step : *plan.color) step.adjust(right_frame, step.strength);
    right_frame = bilateral_blur(right_frame, plan.blur->sigma);
    const AugmentedSample view = read_augmented(*dataset, sample, plan);
    EXPECT_EQ(view.frame, right_frame) << "position " << position;
    EXPECT_EQ(view.labels, right_labels) << "position " << position;
  }
}

TEST(Augment, NumbersOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    AugmentOptions options;
    change(options);
    EXPECT_THROW(require_valid(options), ConfigError);
  };
  EXPECT_NO_THROW(require_valid(AugmentOptions{}));
  refused([](AugmentOptions& o) { o.crop_width = 0; });
  refused([](AugmentOptions& o) { o.scale_min = 0; });
  refused([](AugmentOptions& o) { o.scale_max = 0.4; });
  refused([](AugmentOptions& o) { o.flip = 1.5; });
  refused([](AugmentOptions& o) { o.color = 0.6; });
  refused([](AugmentOptions& o) { o.pre_size = -1; });
  refused([](AugmentOptions& o) { o.rand_augment.operations = -1; });
  refused([](AugmentOptions& o) { o.rand_augment.magnitude = 31; });
}

}  // namespace
}  // namespace strata
