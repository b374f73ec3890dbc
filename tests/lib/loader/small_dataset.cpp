#include "lib/loader/small_dataset.h"

#include "base/files.h"
#include "base/random.h"
#include "data/shard_writer.h"
#include "image/codec.h"
#include "image/crop.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace strata::testing {
namespace {

LabelSet three_ids() {
  LabelSet labels;
  labels.name = "discs";
  labels.classes = {{"ground", {90, 90, 90}}, {"odd", {250, 0, 0}}, {"even", {0, 0, 250}}};
  labels.raw_to_train.fill(labels.ignore_id);
  for (uint8_t id = 0; id < 3; ++id) labels.raw_to_train[kRawIds[id]] = id;
  for (uint8_t raw : kRawIds) labels.known_raw[raw] = true;
  return labels;
}

Image smooth_frame(int height, int width, size_t index) {
  Image frame(height, width, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      frame.at(y, x, 0) = static_cast<uint8_t>(20 * index + static_cast<size_t>(x));
      frame.at(y, x, 1) = static_cast<uint8_t>(2 * y + x);
      frame.at(y, x, 2) = static_cast<uint8_t>((x / 8 + y / 8) % 2 * 200);
    }
  }
  return frame;
}

// A corner is ignored; the rest is ground but for the disc.
Image disc_labels(int height, int width, uint8_t raw, const Centroid& centre) {
  Image labels(height, width, 1, kRawIds[0]);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int dy = y - static_cast<int>(centre.y), dx = x - static_cast<int>(centre.x);
      if (dy * dy + dx * dx <= kDiscRadius * kDiscRadius) labels.at(y, x) = raw;
      if (y + x < 6) labels.at(y, x) = kRawIds[3];
    }
  }
  return labels;
}

void append_tiles(const Image& image, TileKind kind, int tile_size, Sample& sample, std::vector<std::byte>& coded) {
  for (int y = 0; y < image.height; y += tile_size) {
    for (int x = 0; x < image.width; x += tile_size) {
      const Window window = intersection({y, x, tile_size, tile_size}, {0, 0, image.height, image.width});
      const std::vector<std::byte> bytes = encode_png(crop(image, window), 1);
      Tile tile{.kind = kind, .codec = TileCodec::kPng, .bytes = static_cast<uint32_t>(bytes.size())};
      tile.y = static_cast<uint32_t>(y);
      tile.x = static_cast<uint32_t>(x);
      tile.height = static_cast<uint32_t>(window.height);
      tile.width = static_cast<uint32_t>(window.width);
      sample.tiles.push_back(tile);
      coded.insert(coded.end(), bytes.begin(), bytes.end());
    }
  }
}

}  // namespace

SmallDataset write_small_dataset(const std::filesystem::path& directory, const SmallDatasetOptions& options) {
  SmallDataset written{.directory = directory, .frames = {}, .raw_labels = {}};
  Manifest manifest;
  manifest.dataset = "discs";
  manifest.labels = three_ids();
  manifest.tile_size = options.tile;
  SplitEntry& split = manifest.splits["train"];
  split.class_pixels.resize(3);
  split.class_images.resize(3);
  RandomStream random(11);
  for (size_t first = 0; first < options.samples; first += options.samples_of_a_shard) {
    const std::string file = fmt::format("train-{:05}.h5", split.shards.size());
    ShardWriter writer(directory / file, 3);
    for (size_t i = first; i < std::min(first + options.samples_of_a_shard, options.samples); ++i) {
      const int height = options.height + (i % 3 == 2 ? 5 : 0), width = options.width - (i % 3 == 2 ? 7 : 0);
      const auto class_id = static_cast<uint16_t>(1 + i % 2);
      const Centroid centre{class_id, static_cast<uint32_t>(random.between(kDiscRadius, width - kDiscRadius)),
                            static_cast<uint32_t>(random.between(kDiscRadius, height - kDiscRadius))};
      written.frames.push_back(smooth_frame(height, width, i));
      written.raw_labels.push_back(disc_labels(height, width, kRawIds[class_id], centre));
      Sample sample;
      sample.name = fmt::format("town/{}", i);
      sample.height = static_cast<uint32_t>(height);
      sample.width = static_cast<uint32_t>(width);
      sample.centroids = {centre};
      sample.class_pixels.resize(3);
      std::vector<std::byte> coded;
      append_tiles(written.frames.back(), TileKind::kFrame, options.tile, sample, coded);
      append_tiles(written.raw_labels.back(), TileKind::kLabels, options.tile, sample, coded);
      writer.add(sample, coded);
    }
    split.shards.push_back(writer.finish());
  }
  write_manifest(manifest, directory);
  return written;
}

void damage_tile(const Dataset& dataset, const std::filesystem::path& directory, size_t sample, const Tile& tile) {
  const std::vector<std::byte> coded = dataset.read_tile(sample, tile);
  for (const ShardEntry& shard : dataset.manifest().splits.at(dataset.split()).shards) {
    const std::vector<std::byte> file = read_file(directory / shard.file);
    const auto found = std::search(file.begin(), file.end(), coded.begin(), coded.end());
    if (found == file.end()) continue;
    const auto at = found - file.begin() + static_cast<ptrdiff_t>(coded.size() / 2);
    std::fstream out(directory / shard.file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(at);
    out.put(static_cast<char>(std::to_integer<int>(file[static_cast<size_t>(at)]) ^ 0x10));
    return;
  }
}

}  // namespace strata::testing
