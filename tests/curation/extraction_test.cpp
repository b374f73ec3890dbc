#include "curation/extraction.h"

#include "base/error.h"
#include "base/files.h"
#include "curation/converted.h"
#include "data/dataset.h"
#include "image/codec.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

TEST(Extraction, GivesBackThePixelsOfEveryFrameAndLabel) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 5);
  const Extraction made = extract({.data = scratch / "data", .output = scratch / "files"});
  EXPECT_EQ(made.samples, 7u);
  EXPECT_FALSE(made.original);
  for (int i = 0; i < 5; ++i) {
    const std::string name = "f_00" + std::to_string(i) + ".png";
    EXPECT_EQ(decode_frame(read_file(scratch.path() / "files/train/frames" / name), name),
              decode_frame(read_file(scratch.path() / "raw/train" / name), name));
    EXPECT_EQ(decode_labels(read_file(scratch.path() / "files/train/labels" / name), name),
              decode_labels(read_file(scratch.path() / "raw/trainannot" / name), name));
  }
}

TEST(Extraction, GivesBackTheFilesThemselvesWhereTheyWereKept) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 3, "original");
  EXPECT_TRUE(extract({.data = scratch / "data", .output = scratch / "files"}).original);
  for (const char* name : {"f_000.png", "f_002.png"}) {
    EXPECT_EQ(read_file(scratch.path() / "files/train/frames" / name), read_file(scratch.path() / "raw/train" / name));
    EXPECT_EQ(read_file(scratch.path() / "files/train/labels" / name), read_file(scratch.path() / "raw/trainannot" / name));
  }
}

TEST(Extraction, TakesSplitsAndSamplesByName) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 3);
  EXPECT_EQ(extract({.data = scratch / "data", .output = scratch / "one", .splits = {"train"}, .names = {"f_001"}}).samples, 1u);
  EXPECT_TRUE(fs::exists(scratch.path() / "one/train/labels/f_001.png"));
  EXPECT_FALSE(fs::exists(scratch.path() / "one/val"));
  EXPECT_THROW(extract({.data = scratch / "data", .output = scratch / "two", .splits = {"night"}, .names = {}}), MissingInput);
  EXPECT_THAT(message_of<MissingInput>(
                  [&] { extract({.data = scratch / "data", .output = scratch / "three", .splits = {"train"}, .names = {"g"}}); }),
              HasSubstr("called g"));
  EXPECT_THROW(extract({.data = scratch / "data", .output = scratch / "one", .splits = {}, .names = {}}), CannotCreate);
}

}  // namespace
}  // namespace strata::testing
