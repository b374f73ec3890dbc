#include "scenes/colour_row_baseline.h"

#include "base/error.h"
#include "base/files.h"
#include "scenes/dataset_writer.h"
#include "scenes/raw_label.h"
#include "support/paths.h"

#include "drawn_scenes.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using scenes::RawLabel;

// Upper half sky, lower half road, in the given greys.
Scene two_halves(uint8_t sky, uint8_t road) {
  Scene scene{Image(16, 16, 3, road), Image(16, 16, 1, static_cast<uint8_t>(RawLabel::kRoad))};
  for (int y = 0; y < 8; ++y) {
    std::fill_n(scene.frame.row(y), 16 * 3, sky);
    std::fill_n(scene.labels.row(y), 16, static_cast<uint8_t>(RawLabel::kSky));
  }
  return scene;
}

double mean_iou(const Scene& train, const Scene& val) {
  ColourRowSamples samples;
  samples.add(train.frame, train.labels);
  BaselineCounts counts;
  ColourRowBaseline(samples).evaluate(val.frame, val.labels, counts);
  return counts.mean_iou();
}

TEST(ColourRowBaseline, SolvesWhatColourOrPlaceTellsApart) {
  EXPECT_EQ(mean_iou(two_halves(200, 40), two_halves(200, 40)), 1);
  EXPECT_EQ(mean_iou(two_halves(90, 90), two_halves(90, 90)), 1);  // by the row alone
}

TEST(ColourRowBaseline, FailsWhereColoursAreSwapped) { EXPECT_LT(mean_iou(two_halves(255, 0), two_halves(0, 255)), 0.1); }

TEST(ColourRowBaseline, IgnoresVoidPixels) {
  Scene scene = two_halves(200, 40);
  std::fill_n(scene.labels.row(0), 16 * 4, uint8_t{0});
  std::fill_n(scene.frame.row(0), 16 * 4 * 3, uint8_t{40});  // would be taken for road
  EXPECT_EQ(mean_iou(scene, scene), 1);
}

TEST(ColourRowBaseline, NeedsLabelledPixels) {
  Scene scene = two_halves(200, 40);
  std::fill(scene.labels.pixels.begin(), scene.labels.pixels.end(), uint8_t{0});
  EXPECT_THROW(mean_iou(scene, scene), DataError);
}

TEST(BaselineCounts, MeansIouOverTheClassesThatOccur) {
  BaselineCounts counts;
  for (int i = 0; i < 3; ++i) counts.add(0, 0);
  counts.add(0, 1);
  counts.add(1, 1);
  EXPECT_DOUBLE_EQ(counts.iou(0), 3.0 / 4);
  EXPECT_DOUBLE_EQ(counts.iou(1), 1.0 / 2);
  EXPECT_LT(counts.iou(2), 0);
  EXPECT_DOUBLE_EQ(counts.mean_iou(), (3.0 / 4 + 1.0 / 2) / 2);
}

TEST(ColourRowBaseline, StaysBelowAQuarterOnDrawnScenes) {
  const SceneOptions options{256, 512, 1};
  ColourRowSamples samples;
  for (const Scene& scene : testing::drawn_scenes(options, SceneSplit::kTrain, 36)) samples.add(scene.frame, scene.labels);
  const ColourRowBaseline baseline(samples);
  BaselineCounts counts;
  for (const Scene& scene : testing::drawn_scenes(options, SceneSplit::kVal, 18))
    baseline.evaluate(scene.frame, scene.labels, counts);
  RecordProperty("mean_iou", std::to_string(counts.mean_iou()));
  EXPECT_LT(counts.mean_iou(), 0.25);
  EXPECT_GT(counts.mean_iou(), 0.05);  // sky and road are above and below: less than this would be a fault of the measure
}

TEST(ColourRowBaseline, ReadsAFolderInTheCityscapesLayout) {
  const testing::ScratchDirectory scratch;
  ScenesOptions options;
  options.output = scratch / "raw";
  options.train_count = 6;
  options.val_count = 3;
  options.height = 64;
  options.width = 128;
  write_scenes(options);
  const double score = colour_row_baseline_of(scratch / "raw").mean_iou();
  EXPECT_GT(score, 0.02);
  EXPECT_LT(score, 0.3);
  EXPECT_EQ(score, colour_row_baseline_of(scratch / "raw").mean_iou());
  EXPECT_THROW(colour_row_baseline_of(scratch / "nothing"), MissingInput);
}

}  // namespace
}  // namespace strata
