#include "preprocess/layout.h"

#include "base/error.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<Layout> layout_of(const std::string& dataset, const fs::path& input) {
  return make_layout({.dataset = dataset, .input = input});
}

std::vector<std::string> names(const std::vector<SourceSample>& samples) {
  std::vector<std::string> found;
  for (const SourceSample& sample : samples) found.push_back(sample.name);
  return found;
}

template <typename Wanted>
std::string message_of(const Layout& layout, const std::string& split) {
  try {
    layout.samples(split);
  } catch (const Wanted& error) {
    return error.what();
  }
  ADD_FAILURE() << "no such error";
  return "";
}

TEST(CityscapesLayout, IsFoundHoweverItsArchivesWereUnpacked) {
  for (const Unpacked unpacked : {Unpacked::kEachArchive, Unpacked::kTogether}) {
    const ScratchDirectory scratch;
    write_cityscapes_like(scratch.path(), {.train = 3, .val = 1}, unpacked);
    const auto layout = layout_of("cityscapes", scratch.path());
    const std::vector<SourceSample> train = layout->samples("train");
    EXPECT_THAT(names(train), ElementsAre("aachen/aachen_000000_000019_leftImg8bit", "aachen/aachen_000002_000019_leftImg8bit",
                                          "bochum/bochum_000001_000019_leftImg8bit"));
    EXPECT_EQ(train[0].labels.filename(), "aachen_000000_000019_gtFine_labelIds.png");
    EXPECT_EQ(train[0].frame_bytes, fs::file_size(train[0].frame));
    EXPECT_EQ(train[0].label_bytes, fs::file_size(train[0].labels));
    EXPECT_EQ(layout->samples("val").size(), 1u);
  }
}

TEST(CityscapesLayout, SaysWhereItLookedForASplit) {
  const ScratchDirectory scratch;
  write_cityscapes_like(scratch.path(), {});
  EXPECT_THAT(message_of<MissingInput>(*layout_of("cityscapes", scratch.path()), "test"),
              AllOf(HasSubstr("'test'"), HasSubstr("leftImg8bit_trainvaltest/leftImg8bit/test"), HasSubstr("leftImg8bit/test")));
}

TEST(CityscapesLayout, IgnoresOtherFilesBesideTheLabels) {
  const ScratchDirectory scratch;
  write_cityscapes_like(scratch.path(), {.train = 1, .val = 0});
  write_png(scratch / "gtFine/train/aachen/aachen_000000_000019_gtFine_color.png", raw_frame(0, 4, 4));
  EXPECT_EQ(layout_of("cityscapes", scratch.path())->samples("train").size(), 1u);
}

TEST(CamvidLayout, PairsFilesOfTheSameName) {
  const ScratchDirectory scratch;
  write_camvid_like(scratch.path(), {.train = 2, .val = 1});
  const std::vector<SourceSample> train = layout_of("camvid", scratch.path())->samples("train");
  EXPECT_THAT(names(train), ElementsAre("f_000", "f_001"));
  EXPECT_EQ(train[1].labels, scratch / "trainannot/f_001.png");
  message_of<MissingInput>(*layout_of("camvid", scratch.path()), "test");
}

TEST(Layout, ListsFramesWithoutLabels) {
  const ScratchDirectory scratch;
  write_camvid_like(scratch.path(), {.train = 4, .val = 0});
  fs::remove(scratch / "trainannot/f_001.png");
  fs::remove(scratch / "trainannot/f_003.png");
  EXPECT_THAT(message_of<DataError>(*layout_of("camvid", scratch.path()), "train"),
              AllOf(HasSubstr("2 of 4 frames"), HasSubstr("train/f_001.png"), HasSubstr("train/f_003.png")));
}

TEST(Layout, LeavesOutLabelsWithoutFrame) {
  const ScratchDirectory scratch;
  write_camvid_like(scratch.path(), {.train = 3, .val = 0});
  fs::remove(scratch / "train/f_001.png");
  EXPECT_THAT(names(layout_of("camvid", scratch.path())->samples("train")), ElementsAre("f_000", "f_002"));
}

TEST(Layout, IsMissingInputWhereASplitIsEmpty) {
  const ScratchDirectory scratch;
  fs::create_directories(scratch / "train");
  fs::create_directories(scratch / "trainannot");
  message_of<MissingInput>(*layout_of("camvid", scratch.path()), "train");
}

TEST(Layout, RefusesBrokenLinksAndNamesThatCannotBePrinted) {
  const ScratchDirectory scratch;
  write_camvid_like(scratch.path(), {.train = 1, .val = 0});
  fs::create_symlink("nowhere.png", scratch / "train/g.png");
  EXPECT_THAT(message_of<DataError>(*layout_of("camvid", scratch.path()), "train"), HasSubstr("g.png"));
  fs::remove(scratch / "train/g.png");
  write_png(scratch / "train/a\nb.png", raw_frame(0, 4, 4));
  message_of<DataError>(*layout_of("camvid", scratch.path()), "train");
  fs::remove(scratch / "train/a\nb.png");
  write_png(scratch / "train/\xff.png", raw_frame(0, 4, 4));
  message_of<DataError>(*layout_of("camvid", scratch.path()), "train");
}

TEST(Layout, IsChosenByName) {
  EXPECT_EQ(layout_of("cityscapes", ".")->labels().num_classes(), 19);
  EXPECT_EQ(layout_of("camvid", ".")->labels().num_classes(), 11);
  EXPECT_THROW(layout_of("imagenet", "."), ConfigError);
}

}  // namespace
}  // namespace strata::testing
