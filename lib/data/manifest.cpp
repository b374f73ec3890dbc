#include "data/manifest.h"

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace strata {

namespace {

using Json = nlohmann::json;

Json to_json(const ShardEntry& shard) {
  Json json{{"file", shard.file}, {"samples", shard.samples}, {"bytes", shard.bytes}, {"sha256", shard.sha256}};
  if (!shard.index_sha256.empty()) json["index_sha256"] = shard.index_sha256;
  return json;
}

constexpr char kKeepPixels[] = "pixels";

// A plain name: a manifest must not make a reader open files elsewhere.
std::string plain_file_name(const Json& json) {
  const auto name = json.get<std::string>();
  if (name.empty() || name.front() == '.' || name.find_first_of(std::string("/\\\0", 3)) != std::string::npos) {
    throw FormatError(fmt::format("'{}' is not a plain file name", name));
  }
  return name;
}

ShardEntry shard_from_json(const Json& json) {
  return {plain_file_name(json.at("file")), json.at("samples").get<uint64_t>(), json.at("bytes").get<uint64_t>(),
          json.at("sha256").get<std::string>(), json.value("index_sha256", "")};
}

Json to_json(const Manifest& manifest) {
  Json splits = Json::object();
  for (const auto& [name, split] : manifest.splits) splits[name] = to_json(split);
  Json options = {
      {"tile_size", manifest.tile_size}, {"tile_rule", manifest.tile_rule}, {"shard_size_bytes", manifest.shard_size_bytes}};
  if (manifest.keep != kKeepPixels) options["keep"] = manifest.keep;
  if (!manifest.layout_settings.empty()) options["layout"] = manifest.layout_settings;
  return {{"format", "strata-dataset"},
          {"format_version", kManifestVersion},
          {"dataset", manifest.dataset},
          {"labels", to_json(manifest.labels)},
          {"options", options},
          {"source_sha256", manifest.source_sha256},
          {"splits", splits}};
}

void require_version(const Json& json) {
  if (json.value("format", "") != "strata-dataset") throw FormatError("it is not the manifest of a Strata dataset");
  const int version = json.at("format_version").get<int>();
  if (version != kManifestVersion) {
    throw FormatError(fmt::format("it has format version {}, this program reads version {}; use the program that wrote it",
                                  version, kManifestVersion));
  }
}

void require_class_counts(const SplitEntry& split, const std::string& name, size_t classes) {
  if (split.class_pixels.size() == classes && split.class_images.size() == classes) return;
  throw FormatError(
      fmt::format("split '{}' counts pixels of {} classes, the label set has {}", name, split.class_pixels.size(), classes));
}

Manifest parse(const std::string& text) {
  const Json json = Json::parse(text);
  require_version(json);
  Manifest manifest;
  manifest.dataset = json.at("dataset").get<std::string>();
  manifest.labels = label_set_from_json(json.at("labels"));
  const Json& options = json.at("options");
  manifest.tile_size = options.at("tile_size").get<int>();
  manifest.tile_rule = options.at("tile_rule").get<std::string>();
  manifest.keep = options.value("keep", kKeepPixels);
  if (options.contains("layout")) manifest.layout_settings = options["layout"].get<std::map<std::string, std::string>>();
  manifest.shard_size_bytes = options.at("shard_size_bytes").get<uint64_t>();
  manifest.source_sha256 = json.at("source_sha256").get<std::string>();
  for (const auto& [name, split] : json.at("splits").items()) {
    manifest.splits[name] = split_from_json(split);
    require_class_counts(manifest.splits[name], name, manifest.labels.classes.size());
  }
  return manifest;
}

}  // namespace

uint64_t SplitEntry::samples() const {
  uint64_t sum = 0;
  for (const ShardEntry& shard : shards) sum += shard.samples;
  return sum;
}

std::string Manifest::dataset_id() const { return sha256_of(to_json(*this).dump()); }

Manifest read_manifest(const fs::path& dataset_directory) {
  const fs::path file = dataset_directory / kManifestFile;
  if (!fs::exists(file)) {
    throw MissingInput(fmt::format(
        "{} is not a finished dataset directory: it has no {}. Make one with strata-preprocess (the same command continues an "
        "interrupted one)",
        dataset_directory.string(), kManifestFile));
  }
  try {
    return parse(read_text_file(file));
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{} is damaged: {}", file.string(), error.what()));
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{} cannot be used: {}", file.string(), error.what()));
  }
}

void write_manifest(const Manifest& manifest, const fs::path& dataset_directory) {
  write_file_atomically(dataset_directory / kManifestFile, to_json(manifest).dump(1) + "\n");
}

Json to_json(const SplitEntry& split) {
  Json shards = Json::array();
  for (const ShardEntry& shard : split.shards) shards.push_back(to_json(shard));
  Json json{{"shards", shards},
            {"class_pixels", split.class_pixels},
            {"class_images", split.class_images},
            {"ignored_pixels", split.ignored_pixels},
            {"skipped", split.skipped}};
  if (!split.labelled) json["labelled"] = false;
  return json;
}

SplitEntry split_from_json(const Json& json) {
  SplitEntry split;
  for (const Json& shard : json.at("shards")) split.shards.push_back(shard_from_json(shard));
  split.class_pixels = json.at("class_pixels").get<std::vector<uint64_t>>();
  split.class_images = json.at("class_images").get<std::vector<uint64_t>>();
  split.ignored_pixels = json.at("ignored_pixels").get<uint64_t>();
  split.labelled = json.value("labelled", true);
  split.skipped = json.at("skipped").get<std::vector<std::string>>();
  return split;
}

}  // namespace strata
