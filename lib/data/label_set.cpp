#include "data/label_set.h"

#include "base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace strata {

namespace {

using Json = nlohmann::json;

uint8_t byte_of(const Json& json, const char* what) {
  const auto value = json.get<int64_t>();
  if (value < 0 || value > 255) throw FormatError(fmt::format("{} {} of a label set is not within 0..255", what, value));
  return static_cast<uint8_t>(value);
}

void map_raw(LabelSet& labels, const Json& raw_ids, uint8_t train_id) {
  for (const Json& entry : raw_ids) {
    const uint8_t raw = byte_of(entry, "raw id");
    if (labels.known_raw[raw]) throw FormatError(fmt::format("raw id {} of label set '{}' is mapped twice", raw, labels.name));
    labels.known_raw[raw] = true;
    labels.raw_to_train[raw] = train_id;
  }
}

LabelClass class_of(const Json& json) {
  LabelClass entry;
  entry.name = json.at("name").get<std::string>();
  const Json& color = json.at("color");
  if (color.size() != 3) throw FormatError(fmt::format("the colour of class '{}' does not have three parts", entry.name));
  for (size_t i = 0; i < 3; ++i) entry.color[i] = byte_of(color.at(i), "colour");
  return entry;
}

LabelSet parse(const Json& json) {
  LabelSet labels;
  labels.name = json.at("name").get<std::string>();
  labels.ignore_id = byte_of(json.at("ignore_id"), "ignore id");
  labels.raw_to_train.fill(labels.ignore_id);
  const Json& classes = json.at("classes");
  if (classes.empty() || classes.size() > labels.ignore_id) {
    throw FormatError(fmt::format("label set '{}' has {} classes, 1 to {} are possible with ignore id {}", labels.name,
                                  classes.size(), labels.ignore_id, labels.ignore_id));
  }
  for (const Json& entry : classes) {
    map_raw(labels, entry.at("raw_ids"), static_cast<uint8_t>(labels.classes.size()));
    labels.classes.push_back(class_of(entry));
  }
  map_raw(labels, json.at("ignored_raw_ids"), labels.ignore_id);
  return labels;
}

}  // namespace

uint8_t ignored_raw_id(const LabelSet& labels) {
  for (size_t raw = 0; raw < labels.known_raw.size(); ++raw) {
    if (labels.known_raw[raw] && labels.raw_to_train[raw] == labels.ignore_id) return static_cast<uint8_t>(raw);
  }
  throw ConfigError(fmt::format(
      "label set '{}' has no id that is ignored: frames without labels need one; describe the dataset with [ignored] ids",
      labels.name));
}

Json to_json(const LabelSet& labels) {
  std::vector<Json> raw_ids(labels.classes.size(), Json::array());
  Json ignored = Json::array();
  for (int raw = 0; raw < 256; ++raw) {
    if (!labels.known_raw[raw]) continue;
    const uint8_t train = labels.raw_to_train[raw];
    (train == labels.ignore_id ? ignored : raw_ids.at(train)).push_back(raw);
  }
  Json classes = Json::array();
  for (size_t i = 0; i < labels.classes.size(); ++i) {
    classes.push_back({{"name", labels.classes[i].name}, {"color", labels.classes[i].color}, {"raw_ids", raw_ids[i]}});
  }
  return {{"name", labels.name}, {"ignore_id", labels.ignore_id}, {"classes", classes}, {"ignored_raw_ids", ignored}};
}

LabelSet label_set_from_json(const Json& json) {
  try {
    return parse(json);
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("a label set is incomplete or of the wrong types: {}", error.what()));
  }
}

}  // namespace strata
