#include "written_shard.h"

#include "base/random.h"

namespace strata::testing {

CodedSample noise_sample(int number, uint32_t tile_bytes) {
  CodedSample made;
  Sample& s = made.sample;
  s.name = "town/frame_" + std::to_string(number);
  s.height = 40;
  s.width = 100;
  for (const TileKind kind : {TileKind::kFrame, TileKind::kLabels}) {
    s.tiles.push_back({.kind = kind, .y = 0, .x = 0, .height = 40, .width = 64, .bytes = tile_bytes});
    s.tiles.push_back({.kind = kind, .y = 0, .x = 64, .height = 40, .width = 36, .bytes = tile_bytes});
  }
  for (int i = 0; i <= number % 3; ++i) s.centroids.push_back({static_cast<uint16_t>(i), static_cast<uint32_t>(number % 100), 7});
  s.class_pixels = {3000, 900, static_cast<uint64_t>(number)};
  s.ignored_pixels = 100 - static_cast<uint64_t>(number);
  RandomStream noise(static_cast<uint64_t>(number) + 1);
  made.coded.resize(4 * tile_bytes);
  for (std::byte& b : made.coded) b = static_cast<std::byte>(noise());
  return made;
}

ShardEntry write_noise_shard(const std::filesystem::path& file, int first, int count, uint32_t tile_bytes) {
  ShardWriter writer(file, 3);
  for (int i = first; i < first + count; ++i) {
    const CodedSample made = noise_sample(i, tile_bytes);
    writer.add(made.sample, made.coded);
  }
  return writer.finish();
}

Manifest write_noise_dataset(const std::filesystem::path& directory) {
  Manifest manifest;
  manifest.dataset = "noise";
  manifest.labels.name = "noise";
  manifest.labels.raw_to_train.fill(255);
  for (uint8_t id = 0; id < 3; ++id) {
    manifest.labels.classes.push_back({"class " + std::to_string(id), {id, id, id}});
    manifest.labels.raw_to_train[id] = id;
    manifest.labels.known_raw[id] = true;
  }
  const auto add = [&](const std::string& split, const std::string& file, int first, int count) {
    SplitEntry& entry = manifest.splits[split];
    entry.shards.push_back(write_noise_shard(directory / file, first, count));
    entry.class_pixels = entry.class_images = {1, 1, 1};
  };
  add("train", "train-00000.h5", 0, 3);
  add("train", "train-00001.h5", 3, 2);
  add("val", "val-00000.h5", 5, 1);
  write_manifest(manifest, directory);
  return manifest;
}

}  // namespace strata::testing
