#include "scenes/scene.h"

#include "base/error.h"
#include "scenes/raw_label.h"

#include "drawn_scenes.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace strata {
namespace {

using scenes::kTrainLabels;
using scenes::RawLabel;

const SceneOptions kSmall{64, 128, 7};

std::set<uint8_t> ids_of(const Image& labels) { return {labels.pixels.begin(), labels.pixels.end()}; }

// Lengths of the horizontal runs of a class.
std::vector<int> runs_of(const Image& labels, RawLabel label) {
  std::vector<int> runs;
  for (int y = 0; y < labels.height; ++y) {
    int run = 0;
    for (int x = 0; x <= labels.width; ++x) {
      if (x < labels.width && labels.at(y, x) == static_cast<uint8_t>(label)) {
        ++run;
      } else if (run > 0) {
        runs.push_back(run);
        run = 0;
      }
    }
  }
  return runs;
}

TEST(Scene, HasTheSameBytesForTheSameKeyOnAnyThread) {
  const std::vector<Scene> scenes = testing::drawn_scenes(kSmall, SceneSplit::kTrain, 4);
  for (size_t i = 0; i < scenes.size(); ++i) {
    const Scene again = draw_scene(kSmall, SceneSplit::kTrain, i);
    EXPECT_EQ(scenes[i].frame, again.frame) << i;
    EXPECT_EQ(scenes[i].labels, again.labels) << i;
  }
}

TEST(Scene, DiffersByIndexSplitAndSeed) {
  const Scene scene = draw_scene(kSmall, SceneSplit::kTrain, 0);
  EXPECT_NE(scene.labels, draw_scene(kSmall, SceneSplit::kTrain, 1).labels);
  EXPECT_NE(scene.labels, draw_scene(kSmall, SceneSplit::kVal, 0).labels);
  EXPECT_NE(scene.labels, draw_scene({kSmall.height, kSmall.width, 8}, SceneSplit::kTrain, 0).labels);
}

TEST(Scene, ShowsTheSameStreetAtEverySize) {
  const Image small = draw_scene({64, 128, 3}, SceneSplit::kVal, 5).labels;
  const Image large = draw_scene({256, 512, 3}, SceneSplit::kVal, 5).labels;
  int same = 0;
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) same += small.at(y, x) == large.at(4 * y + 2, 4 * x + 2);
  }
  EXPECT_GT(same, small.height * small.width * 9 / 10);
}

TEST(Scene, IsDrawnAtAnySize) {
  for (const auto& [height, width] : {std::pair{32, 64}, {32, 32}, {97, 33}, {75, 301}, {400, 200}}) {
    const Scene scene = draw_scene({height, width, 1}, SceneSplit::kTrain, 2);
    EXPECT_EQ(scene.frame.height, height);
    EXPECT_EQ(scene.frame.width, width);
    EXPECT_EQ(scene.frame.channels, 3);
    EXPECT_EQ(scene.labels.height, height);
    EXPECT_EQ(scene.labels.width, width);
    EXPECT_EQ(scene.labels.channels, 1);
    EXPECT_GT(ids_of(scene.labels).size(), 3u);
  }
}

TEST(Scene, OfAnImpossibleSizeIsRefused) {
  EXPECT_THROW(draw_scene({31, 64, 1}, SceneSplit::kTrain, 0), ConfigError);
  EXPECT_THROW(draw_scene({64, 0, 1}, SceneSplit::kTrain, 0), ConfigError);
  EXPECT_THROW(draw_scene({64, 100'000, 1}, SceneSplit::kTrain, 0), ConfigError);
}

TEST(Scene, HasKnownLabelsOnlyAndFewVoidPixels) {
  std::set<uint8_t> known{static_cast<uint8_t>(RawLabel::kUnlabelled), static_cast<uint8_t>(RawLabel::kEgoVehicle),
                          static_cast<uint8_t>(RawLabel::kStatic)};
  for (const RawLabel label : kTrainLabels) known.insert(static_cast<uint8_t>(label));
  int64_t void_pixels = 0, pixels = 0;
  for (const Scene& scene : testing::drawn_scenes({64, 128, 1}, SceneSplit::kTrain, 40)) {
    for (const uint8_t id : scene.labels.pixels) {
      ASSERT_TRUE(known.contains(id)) << int{id};
      void_pixels += id < static_cast<uint8_t>(RawLabel::kRoad);
      ++pixels;
    }
  }
  EXPECT_GT(void_pixels, 0);
  EXPECT_LT(void_pixels, pixels / 25);
}

TEST(Scene, HasEveryClassInAtLeastAQuarterOfTheValidationScenes) {
  const std::vector<Scene> scenes = testing::drawn_scenes({256, 512, 1}, SceneSplit::kVal, 40);
  std::map<uint8_t, int> scenes_with;
  for (const Scene& scene : scenes) {
    std::map<uint8_t, int> pixels;
    for (const uint8_t id : scene.labels.pixels) ++pixels[id];
    for (const auto& [id, count] : pixels) scenes_with[id] += count >= 20;  // a speck does not count
  }
  for (const RawLabel label : kTrainLabels) {
    EXPECT_GE(scenes_with[static_cast<uint8_t>(label)], 10) << "label id " << static_cast<int>(label);
  }
}

TEST(Scene, HasNearCarsAndFarCars) {
  int widest = 0, narrow = 0;
  for (const Scene& scene : testing::drawn_scenes({256, 512, 1}, SceneSplit::kVal, 8)) {
    for (const int run : runs_of(scene.labels, RawLabel::kCar)) {
      widest = std::max(widest, run);
      narrow += run <= 8;
    }
  }
  EXPECT_GT(widest, 100);
  EXPECT_GT(narrow, 20);
}

}  // namespace
}  // namespace strata
