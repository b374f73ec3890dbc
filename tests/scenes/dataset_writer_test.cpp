#include "scenes/dataset_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <map>

namespace strata {
namespace {

ScenesOptions small_options(const fs::path& output) {
  ScenesOptions options;
  options.output = output;
  options.train_count = 4;
  options.val_count = 2;
  options.height = 32;
  options.width = 64;
  options.seed = 5;
  return options;
}

std::map<std::string, std::string> contents_of(const fs::path& root) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) contents[fs::relative(entry.path(), root).string()] = read_text_file(entry.path());
  }
  return contents;
}

const char* const kFrame = "leftImg8bit/train/birkenfurt/birkenfurt_000001_000019_leftImg8bit.png";
const char* const kLabels = "gtFine/train/birkenfurt/birkenfurt_000001_000019_gtFine_labelIds.png";

TEST(WriteScenes, WritesTheCityscapesLayout) {
  const testing::ScratchDirectory scratch;
  const ScenesWritten written = write_scenes(small_options(scratch / "raw"));
  EXPECT_EQ(written.drawn, 6);
  EXPECT_EQ(written.found, 0);
  EXPECT_EQ(contents_of(scratch / "raw").size(), 13u);  // 6 frames, 6 label maps, scenes.json
  const Scene scene = draw_scene({32, 64, 5}, SceneSplit::kTrain, 1);
  EXPECT_EQ(decode_frame(read_file(scratch / "raw" / kFrame), kFrame), scene.frame);
  EXPECT_EQ(decode_labels(read_file(scratch / "raw" / kLabels), kLabels), scene.labels);
  EXPECT_TRUE(fs::exists(scratch / "raw" / "leftImg8bit/val/ulmental/ulmental_000001_000019_leftImg8bit.png"));
}

TEST(WriteScenes, WritesTheSameBytesOnAnyNumberOfThreads) {
  const testing::ScratchDirectory scratch;
  ScenesOptions options = small_options(scratch / "one");
  options.threads = 1;
  write_scenes(options);
  options.output = scratch / "three";
  options.threads = 3;
  write_scenes(options);
  EXPECT_EQ(contents_of(scratch / "one"), contents_of(scratch / "three"));
}

TEST(WriteScenes, DrawsOnlyWhatIsMissing) {
  const testing::ScratchDirectory scratch;
  const ScenesOptions options = small_options(scratch / "raw");
  write_scenes(options);
  const auto complete = contents_of(scratch / "raw");
  EXPECT_EQ(write_scenes(options).drawn, 0);
  EXPECT_EQ(write_scenes(options).found, 6);
  fs::remove(scratch / "raw" / kLabels);
  write_file_atomically(scratch / "raw" / (std::string(kFrame) + ".tmp-0123"), "half a file");
  EXPECT_EQ(write_scenes(options).drawn, 1);
  EXPECT_EQ(contents_of(scratch / "raw"), complete);
}

TEST(WriteScenes, RefusesAFolderOfSomethingElse) {
  const testing::ScratchDirectory scratch;
  write_file_atomically(scratch / "diary.txt", "dear diary");
  EXPECT_THROW(write_scenes(small_options(scratch.path())), CannotCreate);
  EXPECT_THROW(write_scenes(small_options(scratch / "diary.txt")), CannotCreate);
}

TEST(WriteScenes, RefusesScenesOfOtherOptions) {
  const testing::ScratchDirectory scratch;
  ScenesOptions options = small_options(scratch / "raw");
  write_scenes(options);
  options.seed = 6;
  EXPECT_THROW(write_scenes(options), CannotCreate);
}

TEST(WriteScenes, RefusesImpossibleCountsAndSizes) {
  const testing::ScratchDirectory scratch;
  ScenesOptions options = small_options(scratch / "raw");
  options.height = 8;
  EXPECT_THROW(write_scenes(options), ConfigError);
  options = small_options(scratch / "raw");
  options.train_count = -1;
  EXPECT_THROW(write_scenes(options), ConfigError);
  options.train_count = options.val_count = 0;
  EXPECT_THROW(write_scenes(options), ConfigError);
  EXPECT_FALSE(fs::exists(scratch / "raw"));
}

}  // namespace
}  // namespace strata
