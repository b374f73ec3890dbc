#include "lib/evaluation/one_shard.h"

#include "data/manifest.h"
#include "image/codec.h"

namespace strata::testing {
namespace {

constexpr const char* kShard = "val-00000.h5";

Tile whole_tile(TileKind kind, const std::vector<std::byte>& coded, const std::string& name) {
  const ImageHeader header = read_header(coded, name);
  Tile tile;
  tile.kind = kind;
  tile.codec = header.codec == Codec::kJpeg ? TileCodec::kJpeg : TileCodec::kPng;
  tile.height = static_cast<uint32_t>(header.height);
  tile.width = static_cast<uint32_t>(header.width);
  tile.bytes = static_cast<uint32_t>(coded.size());
  return tile;
}

const std::filesystem::path& created(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  return directory;
}

}  // namespace

OneShardDataset::OneShardDataset(const std::filesystem::path& directory, const LabelSet& labels)
    : directory_(created(directory)), labels_(labels), writer_(directory / kShard, labels.num_classes()) {}

void OneShardDataset::add(const std::string& name, const std::vector<std::byte>& frame, const std::vector<std::byte>& labels) {
  Sample sample;
  sample.name = name;
  sample.tiles = {whole_tile(TileKind::kFrame, frame, name), whole_tile(TileKind::kLabels, labels, name)};
  sample.height = sample.tiles[0].height;
  sample.width = sample.tiles[0].width;
  sample.class_pixels.resize(labels_.classes.size());
  for (uint8_t id : decode_labels(labels, name).pixels) {
    const uint8_t train_id = labels_.raw_to_train[id];
    ++(train_id < labels_.classes.size() ? sample.class_pixels[train_id] : sample.ignored_pixels);
  }
  std::vector<std::byte> coded = frame;
  coded.insert(coded.end(), labels.begin(), labels.end());
  writer_.add(sample, coded);
}

void OneShardDataset::finish() {
  Manifest manifest;
  manifest.dataset = labels_.name;
  manifest.labels = labels_;
  SplitEntry& split = manifest.splits["val"];
  split.shards = {writer_.finish()};
  split.class_pixels.resize(labels_.classes.size());
  split.class_images.resize(labels_.classes.size());
  write_manifest(manifest, directory_);
}

}  // namespace strata::testing
