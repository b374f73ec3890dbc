#pragma once
// Which ids a label file holds, what they are called, and which of them are trained.

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace strata {

struct LabelClass {
  std::string name;
  std::array<uint8_t, 3> color{};  // RGB
};

// Raw ids (in files and shards) map to train ids 0..classes-1 or to ignore_id. `known_raw[id]` is false for ids that must not
// occur (DataError on sight); those map to ignore_id here.
struct LabelSet {
  std::string name;                 // "cityscapes", "camvid"
  std::vector<LabelClass> classes;  // index = train id
  uint8_t ignore_id = 255;
  std::array<uint8_t, 256> raw_to_train{};
  std::array<bool, 256> known_raw{};

  int num_classes() const { return static_cast<int>(classes.size()); }
};

// The first raw id that is known and ignored: the label of frames without labels. ConfigError where there is none.
uint8_t ignored_raw_id(const LabelSet& labels);

LabelSet cityscapes_label_set();  // 34 raw ids, 19 classes, ignore 255 (reference.md 1.2)
LabelSet camvid_label_set();      // ids 0..10, 11 = unlabelled, ignore 255

// {"name", "ignore_id", "classes": [{"name", "color", "raw_ids"}, ...], "ignored_raw_ids"}: train ids are positions in "classes";
// raw ids named nowhere must not occur.
nlohmann::json to_json(const LabelSet& labels);
// FormatError where a field is missing or out of range.
LabelSet label_set_from_json(const nlohmann::json& json);

}  // namespace strata
