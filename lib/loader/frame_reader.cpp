#include "loader/frame_reader.h"

#include "base/error.h"
#include "image/codec.h"
#include "image/crop.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

std::string name_of(const Dataset& dataset, size_t sample, const Tile& tile) {
  return fmt::format("{}: sample {}, {} tile at y {}, x {}", dataset.shard_file(sample), dataset.sample(sample).name,
                     tile.kind == TileKind::kFrame ? "frame" : "label", tile.y, tile.x);
}

Window owned_by(const Tile& tile) {
  return {static_cast<int>(tile.y), static_cast<int>(tile.x), static_cast<int>(tile.height), static_cast<int>(tile.width)};
}

void require_inside(const Sample& sample, const Window& window) {
  if (window.height < 1 || window.width < 1 || intersection(window, whole(sample)) != window) {
    throw InternalError(fmt::format("window {}x{} at y {}, x {} is not within the {}x{} px of {}", window.width, window.height,
                                    window.y, window.x, sample.width, sample.height, sample.name));
  }
}

Image read_tiles(const Dataset& dataset, size_t index, const Window& window, TileKind kind) {
  const Sample& sample = dataset.sample(index);
  require_inside(sample, window);
  Image image(window.height, window.width, kind == TileKind::kFrame ? 3 : 1);
  const auto decode_part = kind == TileKind::kFrame ? decode_frame_part : decode_labels_part;
  for (const Tile& tile : sample.tiles) {
    const Window part = intersection(owned_by(tile), window);
    if (tile.kind != kind || part.height == 0) continue;
    const int top = static_cast<int>(tile.y - tile.margin_y), left = static_cast<int>(tile.x - tile.margin_x);
    const Placement placement{.part = {part.y - top, part.x - left, part.height, part.width},
                              .y = part.y - window.y,
                              .x = part.x - window.x,
                              .least_height = int64_t{tile.margin_y} + tile.height,
                              .least_width = int64_t{tile.margin_x} + tile.width};
    const std::vector<std::byte> coded = dataset.read_tile(index, tile);
    decode_part(coded, name_of(dataset, index, tile), placement, image);
  }
  return image;
}

}  // namespace

Image read_frame(const Dataset& dataset, size_t sample, const Window& window) {
  return read_tiles(dataset, sample, window, TileKind::kFrame);
}

Image read_labels_raw(const Dataset& dataset, size_t sample, const Window& window) {
  return read_tiles(dataset, sample, window, TileKind::kLabels);
}

Image read_labels(const Dataset& dataset, size_t sample, const Window& window) {
  Image labels = read_labels_raw(dataset, sample, window);
  if (const std::optional<size_t> unknown = map_to_train_ids(dataset.labels(), labels)) {
    const size_t width = static_cast<size_t>(window.width);
    throw DataError(fmt::format(
        "{}: sample {} has label id {} at x {}, y {}, which label set '{}' does not know; preprocess the data set again with "
        "a description that maps it",
        dataset.shard_file(sample), dataset.sample(sample).name, labels.pixels[*unknown],
        static_cast<size_t>(window.x) + *unknown % width, static_cast<size_t>(window.y) + *unknown / width,
        dataset.labels().name));
  }
  return labels;
}

std::optional<size_t> map_to_train_ids(const LabelSet& set, Image& labels) {
  bool known = true;
  for (const uint8_t raw : labels.pixels) known &= set.known_raw[raw];
  if (!known) {
    const auto unknown =
        std::find_if(labels.pixels.begin(), labels.pixels.end(), [&](uint8_t raw) { return !set.known_raw[raw]; });
    return static_cast<size_t>(unknown - labels.pixels.begin());
  }
  for (uint8_t& id : labels.pixels) id = set.raw_to_train[id];
  return std::nullopt;
}

}  // namespace strata
