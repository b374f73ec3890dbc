#include "loader/rand_augment.h"

#include "image/affine.h"
#include "image/color.h"
#include "image/sharpness.h"
#include "image/tone.h"
#include "lib/image/pixels.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

namespace strata {
namespace {

using testing::rule_picture;

constexpr uint8_t kIgnored = 65;

RandomStream stream(uint64_t position) { return RandomStream({5, 1, position, Purpose::kRandAugment}); }

std::vector<RandStep> steps(const RandAugmentOptions& options, uint64_t draws) {
  std::vector<RandStep> all;
  for (uint64_t position = 0; position < draws; ++position) {
    RandomStream random = stream(position);
    for (const RandStep& step : draw_rand_augment(options, random)) all.push_back(step);
  }
  return all;
}

bool goes_either_way(RandOperation operation) {
  return std::set{RandOperation::kShearX, RandOperation::kShearY, RandOperation::kTranslateX, RandOperation::kTranslateY,
                  RandOperation::kRotate}
      .contains(operation);
}

TEST(RandAugment, AllOperationsAreEquallyFrequentAtEveryPlace) {
  std::array<std::array<int, kRandOperationCount>, 2> counts{};
  std::map<std::pair<RandOperation, RandOperation>, int> pairs;
  for (uint64_t position = 0; position < 10000; ++position) {
    RandomStream random = stream(position);
    const std::vector<RandStep> drawn = draw_rand_augment({2, 10}, random);
    ASSERT_EQ(drawn.size(), 2u);
    for (size_t place = 0; place < 2; ++place) ++counts[place][static_cast<size_t>(drawn[place].operation)];
    ++pairs[{drawn[0].operation, drawn[1].operation}];
  }
  for (const auto& place : counts) {
    for (int count : place) EXPECT_NEAR(count, 10000.0 / 14, 5 * 25.8);
  }
  EXPECT_EQ(pairs.size(), 14u * 14u) << "with replacement, each independent of the others";
  for (const auto& [pair, count] : pairs) EXPECT_NEAR(count, 51, 5 * 7.2);
}

TEST(RandAugment, MovesGoEitherWayEquallyOftenAndTheRestNever) {
  std::map<RandOperation, std::map<double, int>> values;
  for (const RandStep& step : steps({1, 10}, 14000)) ++values[step.operation][step.value];
  for (const auto& [operation, counts] : values) {
    if (!goes_either_way(operation)) {
      EXPECT_EQ(counts.size(), 1u);
      continue;
    }
    ASSERT_EQ(counts.size(), 2u);
    EXPECT_EQ(counts.begin()->first, -counts.rbegin()->first);
    EXPECT_NEAR(counts.begin()->second, 500, 5 * 22);
  }
}

TEST(RandAugment, MagnitudeMapsLinearlyIntoTheReferencesRanges) {
  const auto values_at = [](int magnitude) {
    std::map<RandOperation, double> values;
    for (const RandStep& step : steps({1, magnitude}, 500)) values[step.operation] = std::abs(step.value);
    return values;
  };
  using Operation = RandOperation;
  const auto at_0 = values_at(0), at_30 = values_at(30), at_9 = values_at(9);
  for (Operation move : {Operation::kShearX, Operation::kShearY, Operation::kTranslateX, Operation::kTranslateY,
                         Operation::kRotate, Operation::kSolarize})
    EXPECT_EQ(at_0.at(move), 0);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kShearX), 0.3);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kShearY), 0.3);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kTranslateX), 0.33);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kTranslateY), 0.33);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kRotate), 30);
  EXPECT_DOUBLE_EQ(at_30.at(Operation::kSolarize), 110);
  EXPECT_DOUBLE_EQ(at_9.at(Operation::kRotate), 9);
  EXPECT_DOUBLE_EQ(at_9.at(Operation::kSolarize), 33);
  EXPECT_EQ(at_0.at(Operation::kPosterize), 4);
  EXPECT_DOUBLE_EQ(at_9.at(Operation::kPosterize), 5.2);
  EXPECT_EQ(at_30.at(Operation::kPosterize), 8);
  for (Operation factor : {Operation::kColor, Operation::kBrightness, Operation::kSharpness}) {
    EXPECT_DOUBLE_EQ(at_0.at(factor), 0.1);
    EXPECT_DOUBLE_EQ(at_9.at(factor), 0.64);
    EXPECT_DOUBLE_EQ(at_30.at(factor), 1.9);
  }
}

TEST(RandAugment, NoOperationsAreNoSteps) {
  RandomStream random = stream(0);
  EXPECT_TRUE(draw_rand_augment({0, 10}, random).empty());
}

struct View {
  Image frame = rule_picture(40, 60, 3), labels = rule_picture(40, 60, 1);
};

View after(RandOperation operation, double value) {
  View view;
  apply({operation, value}, view.frame, view.labels, kIgnored);
  return view;
}

TEST(RandAugment, MovesCarryLabelsAlongAndFillThemWithTheIgnoreId) {
  const View plain;
  const auto expect_moved = [&](RandOperation operation, double value, const Affine& map, auto transform_frame) {
    const View moved = after(operation, value);
    EXPECT_EQ(moved.frame, transform_frame(plain.frame, map, 0));
    EXPECT_EQ(moved.labels, transform_nearest(plain.labels, map, kIgnored));
  };
  expect_moved(RandOperation::kShearX, -0.2, {.xy = -0.2}, transform_bilinear);
  expect_moved(RandOperation::kShearY, 0.1, {.yx = 0.1}, transform_bilinear);
  expect_moved(RandOperation::kTranslateX, 0.11, {.x0 = 0.11 * 60}, transform_bilinear);
  expect_moved(RandOperation::kTranslateY, -0.11, {.y0 = -0.11 * 40}, transform_bilinear);
  expect_moved(RandOperation::kRotate, 12, rotation(12, 40, 60), transform_nearest);

  const View shifted = after(RandOperation::kTranslateX, 0.25);  // 15 px to the left
  EXPECT_EQ(shifted.frame.at(7, 44, 1), plain.frame.at(7, 59, 1));
  EXPECT_EQ(shifted.labels.at(7, 44), plain.labels.at(7, 59));
  for (int x = 45; x < 60; ++x) {
    EXPECT_EQ(shifted.frame.at(7, x, 1), 0);
    EXPECT_EQ(shifted.labels.at(7, x), kIgnored);
  }
}

TEST(RandAugment, TheOtherOperationsChangeTheFrameAsTheirNameSaysAndLeaveLabelsAlone) {
  const auto expect_changed = [](RandOperation operation, double value, const auto& change) {
    View right;
    change(right.frame);
    const View view = after(operation, value);
    EXPECT_EQ(view.frame, right.frame);
    EXPECT_EQ(view.labels, right.labels);
  };
  expect_changed(RandOperation::kIdentity, 0, [](Image&) {});
  expect_changed(RandOperation::kAutocontrast, 0, autocontrast);
  expect_changed(RandOperation::kInvert, 0, invert);
  expect_changed(RandOperation::kEqualize, 0, equalize);
  expect_changed(RandOperation::kSolarize, 77.5, [](Image& frame) { solarize(frame, 77.5); });
  expect_changed(RandOperation::kPosterize, 5.9, [](Image& frame) { posterize(frame, 5); });
  expect_changed(RandOperation::kColor, 0.3, [](Image& frame) { adjust_saturation(frame, 0.3); });
  expect_changed(RandOperation::kBrightness, 1.7, [](Image& frame) { adjust_brightness(frame, 1.7); });
  expect_changed(RandOperation::kSharpness, 1.7, [](Image& frame) { adjust_sharpness(frame, 1.7); });
}

}  // namespace
}  // namespace strata
