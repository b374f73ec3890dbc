// Layouts beyond the first two: Mapillary, folders, Cityscapes' other splits, network's labels, described datasets.

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "preprocess/layout.h"
#include "preprocess/raw_layout.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names(const std::vector<SourceSample>& samples) {
  std::vector<std::string> found;
  for (const SourceSample& sample : samples) found.push_back(sample.name);
  return found;
}

void write_jpeg(const fs::path& file, const Image& image) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file, encode_jpeg(image));
}

// Labels "0", "1", ...; the last is not evaluated.
void write_mapillary_config(const fs::path& file, int labels) {
  nlohmann::json list = nlohmann::json::array();
  for (int i = 0; i < labels; ++i)
    list.push_back({{"readable", std::to_string(i)}, {"color", {i, 2, 3}}, {"evaluate", i + 1 < labels}, {"name", "x"}});
  write_file_atomically(file, nlohmann::json{{"labels", list}}.dump());
}

TEST(MapillaryLayout, OfVersion1IgnoresWhatItsConfigDoesNotEvaluate) {
  const ScratchDirectory raw;
  write_mapillary_config(raw / "config.json", 66);
  for (const char* name : {"b", "a"}) {
    write_jpeg(raw.path() / "training/images" / (std::string(name) + ".jpg"), raw_frame(0, 8, 8));
    write_png(raw.path() / "training/labels" / (std::string(name) + ".png"), raw_labels(0, 66, 8, 8));
  }
  const auto layout = make_layout({.dataset = "mapillary", .input = raw.path()});
  EXPECT_EQ(layout->labels().num_classes(), 65);
  EXPECT_EQ(layout->labels().ignore_id, 65);
  EXPECT_EQ(layout->labels().raw_to_train[65], 65);
  EXPECT_TRUE(layout->labels().known_raw[65]);
  EXPECT_FALSE(layout->labels().known_raw[66]);
  EXPECT_EQ(layout->labels().classes[64].color[0], 64);
  EXPECT_THAT(names(layout->samples("train")), ElementsAre("a", "b"));
  EXPECT_THAT(message_of<MissingInput>([&] { layout->samples("val"); }), HasSubstr("validation/images"));
}

TEST(MapillaryLayout, OfVersion2LiesInSubfoldersWithBothKindsOfLabels) {
  const ScratchDirectory raw;
  write_mapillary_config(raw / "config_v1.2.json", 66);
  write_mapillary_config(raw / "config_v2.0.json", 124);
  write_jpeg(raw / "validation/images/a.jpg", raw_frame(0, 8, 8));
  write_png(raw / "validation/v1.2/labels/a.png", raw_labels(0, 66, 8, 8));
  write_png(raw / "validation/v2.0/labels/a.png", raw_labels(0, 124, 8, 8));
  write_jpeg(raw / "testing/images/t.jpg", raw_frame(0, 8, 8));
  const auto v1 = make_layout({.dataset = "mapillary", .input = raw.path()});
  const auto v2 = make_layout({.dataset = "mapillary-v2", .input = raw.path()});
  EXPECT_EQ(v1->labels().num_classes(), 65);
  EXPECT_EQ(v2->labels().num_classes(), 123);
  EXPECT_EQ(v1->samples("val")[0].labels, raw / "validation/v1.2/labels/a.png");
  EXPECT_EQ(v2->samples("val")[0].labels, raw / "validation/v2.0/labels/a.png");
  EXPECT_TRUE(v2->samples("test")[0].labels.empty());
}

TEST(MapillaryLayout, SaysWhatIsWrongWithItsConfig) {
  const ScratchDirectory raw;
  const auto message = [&] { return message_of<DataError>([&] { make_layout({.dataset = "mapillary", .input = raw.path()}); }); };
  EXPECT_THAT(message_of<MissingInput>([&] { make_layout({.dataset = "mapillary", .input = raw.path()}); }),
              HasSubstr("config.json"));
  write_file_atomically(raw / "config.json", std::string_view("{\"labels\": [{\"evaluate\": true}]}"));
  EXPECT_THAT(message(), AllOf(HasSubstr("config.json"), HasSubstr("readable")));
  write_mapillary_config(raw / "config.json", 1);
  EXPECT_THAT(message(), HasSubstr("0 of its labels are evaluated"));
  write_mapillary_config(raw / "config.json", 300);
  EXPECT_THAT(message(), HasSubstr("300"));
}

TEST(FolderLayout, TakesAllPicturesBelowItAndNoLabels) {
  const ScratchDirectory raw;
  write_jpeg(raw / "b/c.jpeg", raw_frame(0, 8, 8));
  write_png(raw / "a.png", raw_frame(0, 8, 8));
  write_file_atomically(raw / "notes.txt", std::string_view("not a picture"));
  const auto layout = make_layout({.dataset = "folder", .input = raw.path(), .labels = "camvid"});
  EXPECT_THAT(layout->default_splits(), ElementsAre("test"));
  EXPECT_THAT(names(layout->samples("test")), ElementsAre("a", "b/c"));
  EXPECT_EQ(layout->labels().num_classes(), 11);
  write_png(raw / "b/c.png", raw_frame(0, 8, 8));
  EXPECT_THAT(message_of<DataError>([&] { layout->samples("test"); }), HasSubstr("the same name"));
  EXPECT_THAT(message_of<ConfigError>([&] { make_layout({.dataset = "folder", .input = raw.path()}); }), HasSubstr("--labels"));
}

class CityscapesSplits : public ::testing::Test {
 protected:
  // A frame of one city with labels of one id.
  void write(const std::string& split, const std::string& city, const std::string& kind, uint8_t id) const {
    const std::string stem = split + "/" + city + "/" + city + "_000000_000000";
    write_png(raw_.path() / "leftImg8bit" / (stem + "_leftImg8bit.png"), raw_frame(0, 8, 8));
    if (!kind.empty()) write_png(raw_.path() / kind / (stem + "_" + kind + "_labelIds.png"), Image(8, 8, 1, id));
  }
  std::vector<std::string> cities(int cv, const std::string& split) const {
    std::vector<std::string> found;
    for (const SourceSample& sample : make_layout({.dataset = "cityscapes", .input = raw_.path(), .cv = cv})->samples(split))
      found.push_back(sample.name.substr(0, sample.name.find('/')));
    return found;
  }
  const ScratchDirectory raw_;
};

// The cities of the real set: the folds are the ones that the reference logs.
TEST_F(CityscapesSplits, OfACrossValidationAreTheReferences) {
  for (const char* city : {"frankfurt", "lindau", "munster"}) write("val", city, "gtFine", 7);
  for (const char* city :
       {"aachen", "bochum", "bremen", "cologne", "darmstadt", "dusseldorf", "erfurt", "hamburg", "hanover", "jena", "krefeld",
        "monchengladbach", "strasbourg", "stuttgart", "tubingen", "ulm", "weimar", "zurich"})
    write("train", city, "gtFine", 7);
  EXPECT_THAT(cities(0, "val"), ElementsAre("frankfurt", "lindau", "munster"));
  EXPECT_THAT(cities(1, "val"), ElementsAre("darmstadt", "dusseldorf", "erfurt"));
  EXPECT_THAT(cities(2, "val"), ElementsAre("monchengladbach", "strasbourg", "stuttgart"));
  EXPECT_EQ(cities(1, "train").size(), 18u);
  EXPECT_THAT(cities(1, "train"), AllOf(::testing::Contains("frankfurt"), ::testing::Not(::testing::Contains("erfurt"))));
  EXPECT_EQ(cities(3, "train").size(), 21u);
  EXPECT_EQ(cities(3, "val"), cities(3, "train"));
  EXPECT_THROW(cities(4, "val"), ConfigError);
}

TEST_F(CityscapesSplits, TestHasFramesWithoutLabels) {
  write("test", "berlin", "", 0);
  const auto samples = make_layout({.dataset = "cityscapes", .input = raw_.path()})->samples("test");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_TRUE(samples[0].labels.empty());
}

TEST_F(CityscapesSplits, TrainExtraHasCoarseLabels) {
  write("train_extra", "erlangen", "gtCoarse", 7);
  const auto layout = make_layout({.dataset = "cityscapes", .input = raw_.path()});
  const auto samples = layout->samples("train_extra");
  ASSERT_THAT(names(samples), ElementsAre("erlangen/erlangen_000000_000000_leftImg8bit"));
  EXPECT_EQ(layout->read_labels(samples[0]), Image(8, 8, 1, 7));
}

// Raw ids: 7 road, 26 car, 31 train, 0 ignored.
TEST_F(CityscapesSplits, TrainExtraCanHaveANetworksLabelsWhereItWasSure) {
  write("train_extra", "erlangen", "gtCoarse", 26);
  Image made(8, 8, 1, 7), confidence(8, 8, 1, 255), coarse(8, 8, 1, 26);
  made.at(0, 0) = 31;         // a dropout class by the network
  coarse.at(0, 1) = 31;       // a dropout class by hand
  confidence.at(0, 2) = 229;  // 229/255 < 0.9 <= 230/255
  confidence.at(0, 3) = 230;
  confidence.at(0, 1) = 0;  // does not count where the coarse label is taken
  const std::string stem = "train_extra/erlangen/erlangen_000000_000000";
  write_png(raw_.path() / "gtCoarse" / (stem + "_gtCoarse_labelIds.png"), coarse);
  write_png(raw_.path() / "made" / (stem + "_leftImg8bit.png"), made);
  LayoutOptions options{.dataset = "cityscapes", .input = raw_.path()};
  options.auto_labels = {.directory = raw_ / "made", .confidence = 0.9, .dropout_classes = {"train"}};
  EXPECT_THAT(message_of<DataError>([&] { make_layout(options)->samples("train_extra"); }), HasSubstr("_leftImg8bit_prob.png"));
  write_png(raw_.path() / "made" / (stem + "_leftImg8bit_prob.png"), confidence);
  const auto layout = make_layout(options);
  const auto samples = layout->samples("train_extra");
  ASSERT_EQ(samples.size(), 1u);
  Image expected(8, 8, 1, 7);
  expected.at(0, 0) = 26;
  expected.at(0, 1) = 31;
  expected.at(0, 2) = 0;
  EXPECT_EQ(layout->read_labels(samples[0]), expected);
  EXPECT_THAT(layout->settings(), ::testing::Contains(std::pair<const std::string, std::string>("dropout_classes", "train")));

  options.auto_labels.mask_out = AutoLabelOptions::MaskOut::kYes;
  EXPECT_THAT(message_of<DataError>([&] { make_layout(options)->read_labels(samples[0]); }), HasSubstr("2048x1024"));
  options.auto_labels.dropout_classes = {"tram"};
  EXPECT_THAT(message_of<ConfigError>([&] { make_layout(options); }), HasSubstr("'tram'"));
}

TEST_F(CityscapesSplits, AMaskLeavesWhatTheReferencesBoxHolds) {
  write("train_extra", "erlangen", "gtCoarse", 7);
  const std::string stem = "train_extra/erlangen/erlangen_000000_000000";
  write_png(raw_.path() / "gtCoarse" / (stem + "_gtCoarse_labelIds.png"), Image(1024, 2048, 1, 7));
  write_png(raw_.path() / "made" / (stem + "_leftImg8bit.png"), Image(1024, 2048, 1, 7));
  LayoutOptions options{.dataset = "cityscapes", .input = raw_.path()};
  options.auto_labels = {.directory = raw_ / "made", .mask_out = AutoLabelOptions::MaskOut::kYes};
  const auto layout = make_layout(options);
  const Image labels = layout->read_labels(layout->samples("train_extra")[0]);
  EXPECT_EQ(labels.at(14, 14), 0);
  EXPECT_EQ(labels.at(15, 13), 0);
  EXPECT_EQ(labels.at(15, 14), 7);
  EXPECT_EQ(labels.at(839, 2029), 7);
  EXPECT_EQ(labels.at(839, 2030), 0);
  EXPECT_EQ(labels.at(840, 2029), 0);
}

class DescribedLayout : public ::testing::Test {
 protected:
  DescribedLayout() {
    description_.name = "mine";
    description_.frames = "{split}/{name}.png";
    description_.frame_labels = "{split}/{name}_ids.png";
    description_.split_folders = {{"train", "a"}, {"val", "b"}};
    description_.labels = camvid_label_set();
    for (const char* file : {"a/x", "a/y/z", "b/v"}) {
      write_png(raw_.path() / (std::string(file) + ".png"), raw_frame(0, 8, 8));
      write_png(raw_.path() / (std::string(file) + "_ids.png"), raw_labels(0, 11, 8, 8));
    }
  }
  std::unique_ptr<Layout> layout() const {
    return make_layout({.dataset = "mine", .input = raw_.path(), .description = description_});
  }
  void write_list(const std::string& text) {
    description_.list = "{split}.txt";
    write_file_atomically(raw_ / "a.txt", text);
  }
  std::string refusal_of_list(const std::string& text) {
    write_list(text);
    return message_of<DataError>([&] { layout()->samples("train"); });
  }
  const ScratchDirectory raw_;
  DatasetDescription description_;
};

TEST_F(DescribedLayout, PairsFilesByPatternEvenInOneFolder) {
  EXPECT_THAT(layout()->default_splits(), ElementsAre("train", "val"));
  const auto samples = layout()->samples("train");
  EXPECT_THAT(names(samples), ElementsAre("x", "y/z"));
  EXPECT_EQ(samples[1].labels, raw_ / "a/y/z_ids.png");
  EXPECT_THAT(message_of<MissingInput>([&] { layout()->samples("other"); }), HasSubstr("other"));
}

TEST_F(DescribedLayout, TakesTheFramesOfAList) {
  write_list("y/z\r\n\n");
  EXPECT_THAT(names(layout()->samples("train")), ElementsAre("y/z"));
}

TEST_F(DescribedLayout, RefusesHostileLists) {
  EXPECT_THAT(refusal_of_list("x\n../b/v\n"), AllOf(HasSubstr("a.txt:2"), HasSubstr("'..'")));
  EXPECT_THAT(refusal_of_list("/etc/passwd\n"), HasSubstr("absolute"));
  EXPECT_THAT(refusal_of_list("x\nx\n"), HasSubstr("stands there twice"));
  EXPECT_THAT(refusal_of_list("x%2e\n"), HasSubstr("has no frame"));
  EXPECT_THAT(refusal_of_list(std::string("x\0y\n", 4)), HasSubstr("printable"));
  EXPECT_THAT(refusal_of_list("x\x1b[2J\n"), HasSubstr("printable"));
  EXPECT_THAT(refusal_of_list("\xff\xfe\n"), HasSubstr("printable"));
  EXPECT_THAT(refusal_of_list("y/../x\n"), HasSubstr("'..'"));
}

TEST_F(DescribedLayout, RefusesPatternsThatLeadNowhere) {
  const auto refusal = [&](const std::string& frames) {
    description_.frames = frames;
    return message_of<ConfigError>([&] { layout(); });
  };
  EXPECT_THAT(refusal("{split}/x.png"), HasSubstr("{name} must stand in it"));
  EXPECT_THAT(refusal("{split}/{name}/{name}.png"), HasSubstr("once"));
  EXPECT_THAT(refusal("{split}/{name}"), HasSubstr("suffix"));
  EXPECT_THAT(refusal("{split}/a_{name}.png"), HasSubstr("'/'"));
  EXPECT_THAT(refusal("{name}/x.png"), HasSubstr("last part"));
  EXPECT_THAT(refusal("../{name}.png"), HasSubstr("'..'"));
  EXPECT_THAT(refusal("/data/{name}.png"), HasSubstr("absolute"));
  description_.frames = "{split}/{name}.png";
  description_.split_folders["train"] = "../..";
  EXPECT_THROW(layout(), ConfigError);
}

TEST_F(DescribedLayout, MayHaveNoLabels) {
  description_.frame_labels.clear();
  EXPECT_THAT(names(layout()->samples("val")), ElementsAre("v", "v_ids"));
  EXPECT_TRUE(layout()->samples("val")[0].labels.empty());
}

}  // namespace
}  // namespace strata::testing
