#include "data/label_set.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace strata::testing {
namespace {

void expect_equal(const LabelSet& a, const LabelSet& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.ignore_id, b.ignore_id);
  EXPECT_EQ(a.raw_to_train, b.raw_to_train);
  EXPECT_EQ(a.known_raw, b.known_raw);
  ASSERT_EQ(a.classes.size(), b.classes.size());
  for (size_t i = 0; i < a.classes.size(); ++i) {
    EXPECT_EQ(a.classes[i].name, b.classes[i].name);
    EXPECT_EQ(a.classes[i].color, b.classes[i].color);
  }
}

TEST(LabelSet, CityscapesMapsItsRawIdsAsTheReferenceDoes) {
  const LabelSet labels = cityscapes_label_set();
  EXPECT_EQ(labels.num_classes(), 19);
  const std::vector<int> raw_of_class = {7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33};
  for (int raw = 0; raw < 256; ++raw) {
    const auto found = std::find(raw_of_class.begin(), raw_of_class.end(), raw);
    EXPECT_EQ(labels.raw_to_train[raw], found == raw_of_class.end() ? 255 : found - raw_of_class.begin()) << "raw id " << raw;
    EXPECT_EQ(labels.known_raw[raw], raw < 34) << "raw id " << raw;
  }
  EXPECT_EQ(labels.classes[0].name, "road");
  EXPECT_EQ(labels.classes[18].name, "bicycle");
  EXPECT_EQ(labels.classes[13].color, (std::array<uint8_t, 3>{0, 0, 142}));
}

TEST(LabelSet, CamvidHasElevenClassesAndIdElevenIsIgnored) {
  const LabelSet labels = camvid_label_set();
  EXPECT_EQ(labels.num_classes(), 11);
  for (int raw = 0; raw < 11; ++raw) EXPECT_EQ(labels.raw_to_train[raw], raw);
  EXPECT_EQ(labels.raw_to_train[11], 255);
  EXPECT_TRUE(labels.known_raw[11]);
  EXPECT_FALSE(labels.known_raw[12]);
}

TEST(LabelSet, SurvivesJson) {
  for (const LabelSet& labels : {cityscapes_label_set(), camvid_label_set()})
    expect_equal(label_set_from_json(to_json(labels)), labels);
}

TEST(LabelSet, RefusesJsonThatIsIncompleteOrContradictsItself) {
  const nlohmann::json good = to_json(camvid_label_set());
  for (const char* field : {"name", "ignore_id", "classes", "ignored_raw_ids"}) {
    nlohmann::json broken = good;
    broken.erase(field);
    EXPECT_THROW(label_set_from_json(broken), FormatError) << field;
  }
  nlohmann::json twice = good;
  twice["ignored_raw_ids"].push_back(3);
  EXPECT_THROW(label_set_from_json(twice), FormatError);
  nlohmann::json large = good;
  large["classes"][0]["raw_ids"][0] = 256;
  EXPECT_THROW(label_set_from_json(large), FormatError);
  nlohmann::json crowded = good;
  crowded["ignore_id"] = 10;
  EXPECT_THROW(label_set_from_json(crowded), FormatError);
}

}  // namespace
}  // namespace strata::testing
