// Mapillary Vistas. Version 1.x: {training,validation}/{images,labels} and config.json, or as version 2.0 unpacks it,
// {training,validation}/v1.2/labels and config_v1.2.json. Version 2.0: .../v2.0/labels and config_v2.0.json.

#include "base/error.h"
#include "base/files.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace strata {

namespace {

using Json = nlohmann::json;

fs::path first_file(const std::vector<fs::path>& candidates, const fs::path& input) {
  std::string tried;
  for (const fs::path& candidate : candidates) {
    std::error_code unreadable;
    if (fs::is_regular_file(candidate, unreadable)) return candidate;
    tried += (tried.empty() ? "" : " and ") + candidate.string();
  }
  throw MissingInput(
      fmt::format("{} is no Mapillary Vistas: what says its classes is missing, looked for {}", input.string(), tried));
}

// Labels in the order of their ids; those that are not evaluated ("Unlabeled") are ignored.
LabelSet parse(const Json& config) {
  LabelSet set;
  set.name = "mapillary";
  const Json& labels = config.at("labels");
  if (labels.empty() || labels.size() > 256)
    throw DataError(fmt::format("it has {} labels, 1 to 256 are possible", labels.size()));
  for (const Json& label : labels) {
    if (!label.at("evaluate").get<bool>()) continue;
    LabelClass one;
    one.name = label.at("readable").get<std::string>();
    one.color = label.at("color").get<std::array<uint8_t, 3>>();
    set.classes.push_back(std::move(one));
  }
  if (set.classes.empty() || set.classes.size() > 255)
    throw DataError(fmt::format("{} of its labels are evaluated, 1 to 255 are possible", set.classes.size()));
  set.ignore_id = static_cast<uint8_t>(set.classes.size());
  set.raw_to_train.fill(set.ignore_id);
  uint8_t train_id = 0;
  for (size_t raw = 0; raw < labels.size(); ++raw) {
    set.known_raw[raw] = true;
    if (labels[raw].at("evaluate").get<bool>()) set.raw_to_train[raw] = train_id++;
  }
  return set;
}

LabelSet read_config(const fs::path& file) {
  try {
    return parse(Json::parse(read_text_file(file)));
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{} is not a list of Mapillary's labels: {}", file.string(), error.what()));
  } catch (const DataError& error) {
    throw DataError(fmt::format("{} cannot be used: {}", file.string(), error.what()));
  }
}

enum class Version { k1, k2 };

class Mapillary : public Layout {
 public:
  Mapillary(const fs::path& input, Version version)
      : input_(input),
        version_(version),
        labels_(read_config(version == Version::k1 ? first_file({input / "config.json", input / "config_v1.2.json"}, input)
                                                   : first_file({input / "config_v2.0.json"}, input))) {}

  const LabelSet& labels() const override { return labels_; }

  std::vector<SourceSample> samples(const std::string& split) const override {
    const std::string folder = split == "train"  ? "training"
                               : split == "val"  ? "validation"
                               : split == "test" ? "testing"
                                                 : split;
    const std::string what = fmt::format("{} has no split '{}' in the Mapillary layout", input_.string(), split);
    const fs::path frames = first_directory({input_ / folder / "images"}, what);
    const FilesByStem found = find_files(frames, picture_suffixes(), 1);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no frames named *.jpg", frames.string()));
    if (folder == "testing") return frames_alone(found, "");
    return pair_files(found, find_files(first_directory(label_folders(input_ / folder), what), {".png"}, 1), "");
  }

 private:
  std::vector<fs::path> label_folders(const fs::path& split) const {
    if (version_ == Version::k2) return {split / "v2.0" / "labels"};
    return {split / "labels", split / "v1.2" / "labels"};
  }

  const fs::path input_;
  const Version version_;
  const LabelSet labels_;
};

}  // namespace

std::unique_ptr<Layout> make_mapillary_layout(const LayoutOptions& options) {
  return std::make_unique<Mapillary>(options.input, options.dataset == "mapillary-v2" ? Version::k2 : Version::k1);
}

}  // namespace strata
