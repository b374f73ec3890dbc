#pragma once
// manifest.json of a dataset directory: everything about it but the pixels.

#include "data/label_set.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace strata {

inline constexpr int kManifestVersion = 1;

struct ShardEntry {
  std::string file;  // name within the dataset directory
  uint64_t samples = 0;
  uint64_t bytes = 0;
  std::string sha256;
  std::string index_sha256;  // of the shard's index (FORMAT.md); empty where an earlier version of Strata wrote it
};

struct SplitEntry {
  std::vector<ShardEntry> shards;
  std::vector<uint64_t> class_pixels;  // per train id, over the split
  std::vector<uint64_t> class_images;  // images in which the class occurs
  uint64_t ignored_pixels = 0;
  bool labelled = true;              // false: frames alone, the stored labels are ignored everywhere
  std::vector<std::string> skipped;  // frames that could not be decoded and were left out (--max-bad), by sample name
  uint64_t samples() const;
};

struct Manifest {
  std::string dataset;  // "cityscapes", "mapillary", ... or the name in a description
  LabelSet labels;
  std::map<std::string, SplitEntry> splits;            // "train", "val", "test"
  int tile_size = 1024;                                // of the centroid grid, px
  std::string tile_rule = "cover";                     // "cover" | "reference"
  std::string keep = "pixels";                         // "pixels" | "original": whether tiles are the original files' bytes
  std::map<std::string, std::string> layout_settings;  // of the layout, e.g. "cv": "1"
  uint64_t shard_size_bytes = 2ull << 30;              // original bytes that one shard was to take
  std::string source_sha256;                           // of names and sizes of the original files, in order

  // SHA-256 over labels, options and all shard hashes: what a run records as its dataset.
  std::string dataset_id() const;
};

inline constexpr char kManifestFile[] = "manifest.json";

// FormatError (76) for a newer version or a broken file, MissingInput (66) where there is none.
Manifest read_manifest(const std::filesystem::path& dataset_directory);
void write_manifest(const Manifest& manifest, const std::filesystem::path& dataset_directory);

nlohmann::json to_json(const SplitEntry& split);
// nlohmann::json::exception where a field is missing or of the wrong type, FormatError where it is out of range.
SplitEntry split_from_json(const nlohmann::json& json);

}  // namespace strata
