#include "config/description_file.h"

#include "base/error.h"
#include "config/ini_file.h"
#include "config/nearest.h"
#include "config/value_text.h"

#include <fmt/format.h>

#include <sstream>

namespace strata {

namespace {

constexpr int kMostRawIds = 256;

// "7", "0-6", "10, 255".
std::vector<uint8_t> raw_ids(const std::string& text) {
  std::vector<std::string> parts;
  read_value(text, parts);
  std::vector<uint8_t> ids;
  for (const std::string& part : parts) {
    const size_t dash = part.find('-', 1);
    int first = 0, last = 0;
    read_value(std::string_view(part).substr(0, dash), first);
    last = first;
    if (dash != std::string::npos) read_value(std::string_view(part).substr(dash + 1), last);
    if (first < 0 || last < first || last >= kMostRawIds) throw BadValue("ids from 0 to 255, like 7 or 0-6,9");
    for (int id = first; id <= last; ++id) ids.push_back(static_cast<uint8_t>(id));
  }
  return ids;
}

std::array<uint8_t, 3> color(const std::string& text) {
  std::istringstream words(text);
  std::array<int, 3> parts{};
  std::string rest;
  if (!(words >> parts[0] >> parts[1] >> parts[2]) || words >> rest) throw BadValue("a colour of three numbers, like 128 64 128");
  std::array<uint8_t, 3> bytes{};
  for (size_t i = 0; i < 3; ++i) {
    if (parts[i] < 0 || parts[i] > 255) throw BadValue("a colour of numbers from 0 to 255");
    bytes[i] = static_cast<uint8_t>(parts[i]);
  }
  return bytes;
}

class Description {
 public:
  explicit Description(const std::filesystem::path& file) : file_(file) { labels_.raw_to_train.fill(labels_.ignore_id); }

  DatasetDescription read() {
    for (const IniEntry& entry : read_ini_file(file_)) {
      try {
        take(entry);
      } catch (const BadValue& bad) {
        fail(entry.line, fmt::format("'{}' of '{}' is not {}", entry.value, entry.key, bad.what()));
      }
    }
    require(!description_.name.empty(), "[dataset] name");
    require(!description_.frames.empty(), "[files] frames");
    require(!labels_.classes.empty(), "[classes], a class a line");
    if (labels_.classes.size() > labels_.ignore_id)
      fail(0, fmt::format("{} classes do not fit below the ignore id {}", labels_.classes.size(), labels_.ignore_id));
    finish_labels();
    return std::move(description_);
  }

 private:
  void take(const IniEntry& entry) {
    const size_t dot = entry.key.find('.');
    const std::string section = entry.key.substr(0, dot), key = dot == std::string::npos ? "" : entry.key.substr(dot + 1);
    if (section == "classes") return add_class(key, entry);
    if (section == "splits") return void(description_.split_folders[key] = entry.value);
    if (entry.key == "dataset.name") return void(description_.name = entry.value);
    if (entry.key == "dataset.ignore_id") return read_ignore_id(entry);
    if (entry.key == "files.frames") return void(description_.frames = entry.value);
    if (entry.key == "files.labels") return void(description_.frame_labels = entry.value);
    if (entry.key == "files.list") return void(description_.list = entry.value);
    if (entry.key == "ignored.ids") return take_ids(raw_ids(entry.value), kIgnored, entry);
    if (entry.key == "ignored.unknown") return read_value(entry.value, ignore_unknown_);
    const auto nearest = nearest_key(entry.key, {"dataset.name", "dataset.ignore_id", "files.frames", "files.labels",
                                                 "files.list", "ignored.ids", "ignored.unknown"});
    fail(entry.line, fmt::format("'{}' is not known{}; there are the sections dataset, files, splits, classes, ignored",
                                 entry.key, nearest ? fmt::format(", did you mean '{}'?", *nearest) : ""));
  }

  void read_ignore_id(const IniEntry& entry) {
    int id = 0;
    read_value(entry.value, id);
    if (id < 1 || id > 255) throw BadValue("an id from 1 to 255");
    labels_.ignore_id = static_cast<uint8_t>(id);
  }

  // "road = 7 : 128 64 128"
  void add_class(const std::string& name, const IniEntry& entry) {
    const size_t colon = entry.value.find(':');
    if (name.empty() || colon == std::string::npos) throw BadValue("raw ids, ':' and a colour, like 7 : 128 64 128");
    std::string ids = entry.value.substr(0, colon);
    ids.erase(ids.find_last_not_of(" \t") + 1);
    take_ids(raw_ids(ids), static_cast<int>(labels_.classes.size()), entry);
    labels_.classes.push_back({name, color(entry.value.substr(colon + 1))});
    if (labels_.classes.size() > 255) fail(entry.line, "more than 255 classes");
  }

  void take_ids(const std::vector<uint8_t>& ids, int train_id, const IniEntry& entry) {
    for (const uint8_t id : ids) {
      if (labels_.known_raw[id]) fail(entry.line, fmt::format("id {} stands twice", id));
      labels_.known_raw[id] = true;
      train_ids_[id] = train_id;
    }
  }

  void finish_labels() {
    labels_.name = description_.name;
    labels_.raw_to_train.fill(labels_.ignore_id);
    for (size_t id = 0; id < labels_.known_raw.size(); ++id) {
      if (labels_.known_raw[id] && train_ids_[id] != kIgnored) labels_.raw_to_train[id] = static_cast<uint8_t>(train_ids_[id]);
    }
    if (ignore_unknown_) labels_.known_raw.fill(true);
    description_.labels = std::move(labels_);
  }

  void require(bool there, const char* what) const {
    if (!there) fail(0, fmt::format("{} is missing", what));
  }
  [[noreturn]] void fail(int line, const std::string& what) const {
    const std::string place = line > 0 ? fmt::format("{}:{}", file_.string(), line) : file_.string();
    throw ConfigError(fmt::format("{}: {}", place, what));
  }

  static constexpr int kIgnored = -1;

  const std::filesystem::path file_;
  DatasetDescription description_;
  LabelSet labels_;
  std::array<int, kMostRawIds> train_ids_{};
  bool ignore_unknown_ = false;
};

}  // namespace

DatasetDescription read_dataset_description(const std::filesystem::path& file) {
  DatasetDescription description = Description(file).read();
  try {
    require_valid(description);
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("{}: {}", file.string(), error.what()));
  }
  return description;
}

}  // namespace strata
