#include "config/description_file.h"

#include "base/error.h"
#include "base/files.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kFiles[] =
    "[dataset]\nname = town\n[files]\nframes = images/{split}/{name}.jpg\nlabels = ids/{split}/{name}.png\n";

class DescriptionFile : public ::testing::Test {
 protected:
  DatasetDescription read(const std::string& text) const {
    write_file_atomically(scratch_ / "town.ini", text);
    return read_dataset_description(scratch_ / "town.ini");
  }
  std::string refusal(const std::string& text) const {
    return message_of<ConfigError>([&] { read(text); });
  }
  const ScratchDirectory scratch_;
};

TEST_F(DescriptionFile, SaysWhereFilesAreAndWhatIdsMean) {
  const DatasetDescription town =
      read(std::string(kFiles) +
           "[splits]\ntrain = training\n[classes]\nroad = 7,9 : 128 64 128\ntraffic light = 19: 250 170 30\n"
           "[ignored]\nids = 0-6, 255\n");
  EXPECT_EQ(town.name, "town");
  EXPECT_EQ(town.frames, "images/{split}/{name}.jpg");
  EXPECT_EQ(town.frame_labels, "ids/{split}/{name}.png");
  EXPECT_EQ(town.split_folders.at("train"), "training");
  const LabelSet& labels = town.labels;
  ASSERT_EQ(labels.num_classes(), 2);
  EXPECT_EQ(labels.classes[1].name, "traffic light");
  EXPECT_EQ(labels.classes[1].color, (std::array<uint8_t, 3>{250, 170, 30}));
  EXPECT_EQ(labels.raw_to_train[9], 0);
  EXPECT_EQ(labels.raw_to_train[19], 1);
  EXPECT_EQ(labels.raw_to_train[255], 255);
  EXPECT_TRUE(labels.known_raw[6]);
  EXPECT_FALSE(labels.known_raw[8]);
}

TEST_F(DescriptionFile, CanIgnoreUnknownIds) {
  const DatasetDescription town =
      read(std::string(kFiles) + "[classes]\nroad = 7 : 1 2 3\n[ignored]\nunknown = yes\n[dataset]\nignore_id = 1\n");
  EXPECT_TRUE(town.labels.known_raw[200]);
  EXPECT_EQ(town.labels.raw_to_train[200], 1);
  EXPECT_EQ(town.labels.raw_to_train[7], 0);
}

TEST_F(DescriptionFile, NamesTheLineOfAMistake) {
  const std::string files = kFiles;
  EXPECT_THAT(refusal(files + "[classes]\nroad = 7\n"), AllOf(HasSubstr("town.ini:7"), HasSubstr("7 : 128 64 128")));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 7 : 1 2\n"), HasSubstr("three numbers"));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 7 : 1 2 300\n"), HasSubstr("0 to 255"));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 256 : 1 2 3\n"), HasSubstr("0 to 255"));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 9-3 : 1 2 3\n"), HasSubstr("0 to 255"));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 7 : 1 2 3\ncar = 7 : 1 2 3\n"),
              AllOf(HasSubstr("town.ini:8"), HasSubstr("twice")));
  EXPECT_THAT(refusal(files + "[classes]\nroad = 7 : 1 2 3\n[files]\nframe = x\n"), HasSubstr("did you mean 'files.frames'"));
  EXPECT_THAT(refusal(files), HasSubstr("[classes]"));
  EXPECT_THAT(refusal("[files]\nframes = {name}.png\n[classes]\nroad = 7 : 1 2 3\n"), HasSubstr("[dataset] name"));
  EXPECT_THAT(refusal(files + "[classes]\na = 1 : 1 2 3\nb = 2 : 1 2 3\n[dataset]\nignore_id = 1\n"), HasSubstr("do not fit"));
  EXPECT_THAT(refusal("[dataset]\nname = x\n[files]\nframes = /abs/{name}.png\n[classes]\nroad = 7 : 1 2 3\n"),
              HasSubstr("absolute"));
  EXPECT_THROW(read_dataset_description(scratch_ / "none.ini"), MissingInput);
}

}  // namespace
}  // namespace strata::testing
