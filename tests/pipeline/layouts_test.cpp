// Every layout from raw files to metrics: converted, trained on for two steps, evaluated.

#include "base/files.h"
#include "image/codec.h"
#include "pipeline/pipeline.h"
#include "preprocess/raw_layout.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

constexpr RawOptions kRaw{.train = 4, .val = 2, .height = 64, .width = 96};

void write_jpeg(const fs::path& file, const Image& image) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file, encode_jpeg(image));
}

// Labels 0 .. labels-2, and one that is not evaluated; JPEG frames.
void write_mapillary_like(const fs::path& directory, const std::string& labels_folder, const std::string& config, int labels) {
  nlohmann::json list = nlohmann::json::array();
  for (int i = 0; i < labels; ++i)
    list.push_back({{"readable", fmt::format("class {}", i)}, {"color", {i, 2, 3}}, {"evaluate", i + 1 < labels}});
  fs::create_directories(directory);
  write_file_atomically(directory / config, nlohmann::json{{"labels", list}}.dump());
  for (int i = 0; i < kRaw.train + kRaw.val; ++i) {
    const fs::path split = directory / (i < kRaw.train ? "training" : "validation");
    write_jpeg(split / fmt::format("images/{}.jpg", i), raw_frame(i, kRaw.height, kRaw.width));
    write_png(split / labels_folder / fmt::format("{}.png", i), raw_labels(i, labels, kRaw.height, kRaw.width));
  }
}

class LayoutPipeline : public ::testing::Test {
 protected:
  fs::path raw() const { return scratch_ / "raw"; }

  CommandResult preprocess(const std::string& options) const {
    return run_command(program("strata-preprocess", 2) +
                       fmt::format("--input '{}' --output '{}' {}", raw().string(), (scratch_ / "data").string(), options));
  }
  CommandResult train(const std::string& options = "") const {
    return run_command(program("strata-train", 2) +
                       fmt::format("--config '{}' --data '{}' --run '{}' --schedule.epochs 1 --loader.global_batch 2 {}",
                                   tiny_config().string(), (scratch_ / "data").string(), (scratch_ / "run").string(), options));
  }
  // The number of classes in the metrics.
  void expect_pipeline(const std::string& dataset, size_t classes, const std::string& training = "") const {
    const CommandResult converted = preprocess(dataset);
    ASSERT_EQ(converted.exit_code, 0) << converted.errors;
    const CommandResult trained = train(training);
    ASSERT_EQ(trained.exit_code, 0) << trained.errors;
    EXPECT_THAT(trained.errors, HasSubstr("2/2 steps"));
    const CommandResult evaluated =
        run_command(program("strata-evaluate", 2) + fmt::format("--data '{}' --split val --weights '{}' --output '{}'",
                                                                (scratch_ / "data").string(), (scratch_ / "run").string(),
                                                                (scratch_ / "eval").string()));
    ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
    const nlohmann::json metrics = nlohmann::json::parse(read(scratch_ / "eval/metrics.json"));
    EXPECT_EQ(metrics.at("images"), kRaw.val);
    EXPECT_EQ(metrics.at("classes").size(), classes);
  }

  const ScratchDirectory scratch_;
};

TEST_F(LayoutPipeline, Cityscapes) {
  write_cityscapes_like(raw(), kRaw);
  expect_pipeline("--dataset cityscapes", 19);
}

// Coarse frames are drawn from too, and never counted as the epoch's.
TEST_F(LayoutPipeline, CityscapesWithCoarseLabels) {
  write_cityscapes_like(raw(), kRaw);
  for (int i = 0; i < 3; ++i) {
    const std::string stem = fmt::format("train_extra/erlangen/erlangen_{:06}_000000", i);
    write_png(raw() / "leftImg8bit" / (stem + "_leftImg8bit.png"), raw_frame(i, kRaw.height, kRaw.width));
    write_png(raw() / "gtCoarse" / (stem + "_gtCoarse_labelIds.png"), raw_labels(i, 34, kRaw.height, kRaw.width));
  }
  expect_pipeline("--dataset cityscapes --splits train,val,train_extra", 19,
                  "--sampling.coarse_split train_extra --sampling.coarse_classes train,bus");
}

TEST_F(LayoutPipeline, CityscapesInCrossValidation) {
  write_cityscapes_like(raw(), {.train = 4, .val = 2, .height = 64, .width = 96});
  const CommandResult converted = preprocess("--dataset cityscapes --cv 3");
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  EXPECT_THAT(converted.output, HasSubstr("train               6"));
}

TEST_F(LayoutPipeline, Mapillary) {
  write_mapillary_like(raw(), "labels", "config.json", 66);
  expect_pipeline("--dataset mapillary", 65);
}

TEST_F(LayoutPipeline, MapillaryVersion2) {
  write_mapillary_like(raw(), "v2.0/labels", "config_v2.0.json", 124);
  expect_pipeline("--dataset mapillary-v2", 123);
}

TEST_F(LayoutPipeline, CamVid) {
  write_camvid_like(raw(), kRaw);
  expect_pipeline("--dataset camvid", 11);
}

TEST_F(LayoutPipeline, Described) {
  write_camvid_like(raw(), kRaw);
  write_file_atomically(
      scratch_ / "town.ini",
      std::string_view("[dataset]\nname = town\n[files]\nframes = {split}/{name}.png\nlabels = {split}annot/{name}.png\n"
                       "[classes]\nlow = 0-5 : 1 2 3\nhigh = 6-10 : 4 5 6\n[ignored]\nids = 11\n"));
  expect_pipeline(fmt::format("--dataset '{}'", (scratch_ / "town.ini").string()), 2);
}

TEST_F(LayoutPipeline, AFolderOfPicturesGetsPredictionsAndNoNumbers) {
  write_camvid_like(raw(), kRaw);
  ASSERT_EQ(preprocess("--dataset camvid").exit_code, 0);
  ASSERT_EQ(train("--loader.stage '" + (scratch_ / "node").string() + "'").exit_code, 0);
  EXPECT_TRUE(fs::exists(scratch_ / "node"));
  const CommandResult converted =
      run_command(program("strata-preprocess", 1) + fmt::format("--dataset folder --labels '{}' --input '{}' --output '{}'",
                                                                (scratch_ / "data").string(), (raw() / "val").string(),
                                                                (scratch_ / "folder").string()));
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const CommandResult evaluated =
      run_command(program("strata-evaluate", 1) +
                  fmt::format("--data '{}' --split test --weights '{}' --output '{}' --pictures 9",
                              (scratch_ / "folder").string(), (scratch_ / "run").string(), (scratch_ / "drawn").string()));
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
  EXPECT_THAT(evaluated.errors, HasSubstr("split 'test' has no labels"));
  EXPECT_TRUE(nlohmann::json::parse(read(scratch_ / "drawn/metrics.json")).at("mean_iu").is_null());
  size_t predictions = 0;
  for (const auto& entry : fs::directory_iterator(scratch_ / "drawn/images"))
    predictions += entry.path().string().ends_with("-prediction.png");
  EXPECT_EQ(predictions, static_cast<size_t>(kRaw.val));
  EXPECT_THAT(read(scratch_ / "drawn/report/index.html"), HasSubstr("no pixel is labelled"));
}

TEST_F(LayoutPipeline, AFolderOfPicturesIsRefusedWhereLabelsAreWanted) {
  write_camvid_like(raw(), kRaw);
  const CommandResult converted = preprocess("--dataset folder --labels camvid --splits train");
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const CommandResult trained = train("--run.train_split train --run.validation_split train");
  EXPECT_EQ(trained.exit_code, 65);
  EXPECT_THAT(trained.errors, HasSubstr("frames without labels"));
}

}  // namespace
}  // namespace strata::testing
