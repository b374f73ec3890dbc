#include "models/weight_file.h"

#include "base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

namespace strata {

namespace {

using nlohmann::json;

constexpr const char* kFormatVersion = "1";
constexpr std::string_view kProvenance = "provenance.";
// normalise() of image/ knows these numbers; they are in the file for readers other than Strata.
constexpr const char* kMean = "[0.485,0.456,0.406]";
constexpr const char* kDeviation = "[0.229,0.224,0.225]";

json class_list(const WeightDescription& description) {
  json classes = json::array();
  for (size_t i = 0; i < description.class_names.size(); ++i) {
    classes.push_back({{"name", description.class_names[i]}, {"color", description.class_colors[i]}});
  }
  return classes;
}

void add_provenance(std::map<std::string, std::string>& metadata, const std::map<std::string, std::string>& provenance) {
  for (const auto& [key, value] : provenance) metadata[std::string(kProvenance) + key] = value;
}

std::map<std::string, std::string> to_metadata(const ModelOptions& model, const WeightDescription& description) {
  std::map<std::string, std::string> metadata = {
      {kWeightFormatKey, kFormatVersion},
      {"architecture", model.name},
      {"width", width_name(model.width)},
      {"num_classes", std::to_string(model.num_classes)},
      {"ocr_channels", std::to_string(model.ocr_channels)},
      {"attention_channels", std::to_string(model.attention_channels)},
      {"aspp_channels", std::to_string(model.aspp_channels)},
      {"attention_head", attention_head_name(model.attention_head)},
      {"low_scale", json(model.low_scale).dump()},
      {"fixed_scales", json(model.fixed_scales).dump()},
      {"align_corners", model.align_corners ? "true" : "false"},
      {"mean", kMean},
      {"deviation", kDeviation},
  };
  if (!description.class_names.empty()) {
    metadata["classes"] = class_list(description).dump();
    metadata["ignore_id"] = std::to_string(description.ignore_id);
  }
  add_provenance(metadata, description.provenance);
  return metadata;
}

// Values of a file's metadata; every failure names file and key.
class Metadata {
 public:
  Metadata(const std::map<std::string, std::string>& values, const std::filesystem::path& file) : values_(values), file_(file) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& problem) const {
    throw FormatError(
        fmt::format("{}: its metadata '{}' {}; weights that Strata wrote or converted (strata-weights convert) are needed",
                    file_.string(), key, problem));
  }

  bool has(const std::string& key) const { return values_.contains(key); }

  const std::string& text(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) refuse(key, "is missing");
    return found->second;
  }

  int number(const std::string& key) const {
    const json value = parsed(key);
    constexpr int kLargest = 1 << 20;
    if (!value.is_number_unsigned() || value.get<uint64_t>() > kLargest) refuse(key, "is not a number from 0 to a million");
    return value.get<int>();
  }

  std::vector<double> scales(const std::string& key) const {
    const json value = parsed(key);
    std::vector<double> scales;
    for (const json& item : value.is_array() ? value : json::array({value})) {
      if (!item.is_number() || !(item.get<double>() > 0)) refuse(key, "holds something that is no scale");
      scales.push_back(item);
    }
    return scales;
  }

  bool truth(const std::string& key) const {
    const std::string& value = text(key);
    if (value != "true" && value != "false") refuse(key, "is neither true nor false");
    return value == "true";
  }

  void read_classes(WeightDescription& description) const {
    try {
      for (const json& item : parsed("classes")) {
        description.class_names.push_back(item.at("name"));
        description.class_colors.push_back(item.at("color"));
      }
    } catch (const json::exception&) {
      refuse("classes", "is not a list of names and colours");
    }
  }

 private:
  json parsed(const std::string& key) const { return json::parse(text(key), nullptr, false); }

  const std::map<std::string, std::string>& values_;
  const std::filesystem::path& file_;
};

}  // namespace

void save_weights(const SegmentationModel& model, const WeightDescription& description, const std::filesystem::path& file) {
  save_weights(model.options(), state_of(model), description, file);
}

void save_weights(const ModelOptions& model, NamedTensors state, const WeightDescription& description,
                  const std::filesystem::path& file) {
  const auto classes = static_cast<size_t>(model.num_classes);
  const size_t names = description.class_names.size(), colors = description.class_colors.size();
  if (names != colors || (names != classes && names != 0))
    throw InternalError(fmt::format("{} names and {} colours for the weights of {} classes", names, colors, classes));
  state.metadata = to_metadata(model, description);
  write_safetensors(state, file);
}

void save_bare_tensors(NamedTensors state, const std::map<std::string, std::string>& provenance,
                       const std::filesystem::path& file) {
  state.metadata.clear();
  add_provenance(state.metadata, provenance);
  write_safetensors(state, file);
}

std::map<std::string, std::string> provenance_of(const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> provenance;
  for (const auto& [key, value] : metadata) {
    if (key.starts_with(kProvenance)) provenance[key.substr(kProvenance.size())] = value;
  }
  return provenance;
}

namespace {

// Files of before the networks with ASPP do not say these.
void read_later_options(const Metadata& metadata, ModelOptions& model) {
  if (metadata.has("aspp_channels")) model.aspp_channels = metadata.number("aspp_channels");
  if (metadata.has("low_scale")) model.low_scale = metadata.scales("low_scale").front();
  if (metadata.has("fixed_scales")) model.fixed_scales = metadata.scales("fixed_scales");
  if (!metadata.has("attention_head")) return;
  try {
    model.attention_head = parse_attention_head(metadata.text("attention_head"));
  } catch (const ConfigError& error) {
    metadata.refuse("attention_head", fmt::format("is wrong ({})", error.what()));
  }
}

}  // namespace

OpenedWeights open_weights(const std::filesystem::path& file) { return describe_weights(read_safetensors(file), file); }

OpenedWeights describe_weights(NamedTensors state, const std::filesystem::path& file) {
  OpenedWeights weights;
  weights.state = std::move(state);
  const Metadata metadata(weights.state.metadata, file);
  if (metadata.text(kWeightFormatKey) != kFormatVersion) metadata.refuse(kWeightFormatKey, "is not 1, the version read here");
  weights.model.name = metadata.text("architecture");
  try {
    weights.model.width = parse_width(metadata.text("width"));
  } catch (const ConfigError& error) {
    metadata.refuse("width", fmt::format("is wrong ({})", error.what()));
  }
  weights.model.num_classes = metadata.number("num_classes");
  weights.model.ocr_channels = metadata.number("ocr_channels");
  weights.model.attention_channels = metadata.number("attention_channels");
  weights.model.align_corners = metadata.truth("align_corners");
  read_later_options(metadata, weights.model);
  if (metadata.has("classes")) {
    weights.description.ignore_id = metadata.number("ignore_id");
    metadata.read_classes(weights.description);
  }
  if (metadata.has("classes") && weights.description.class_names.size() != static_cast<size_t>(weights.model.num_classes)) {
    metadata.refuse("classes", fmt::format("lists {} classes instead of {}", weights.description.class_names.size(),
                                           weights.model.num_classes));
  }
  weights.description.provenance = provenance_of(weights.state.metadata);
  return weights;
}

}  // namespace strata
