#include "data/shard.h"

#include "data/shard_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace strata {

namespace {

// Walks the tiles as one reads: the next begins where the last one ended, a new row where the frame's right edge is reached.
bool is_grid(std::span<const Tile> tiles, const Sample& sample) {
  uint64_t y = 0, x = 0;
  uint32_t row_height = 0;
  for (const Tile& tile : tiles) {
    if (x == 0) row_height = tile.height;
    const bool follows = tile.y == y && tile.x == x && tile.height == row_height && tile.height > 0 && tile.width > 0;
    if (!follows || x + tile.width > sample.width || y + tile.height > sample.height) return false;
    x += tile.width;
    if (x == sample.width) {
      x = 0;
      y += row_height;
    }
  }
  return x == 0 && y == sample.height;
}

}  // namespace

std::string fault_of(const Sample& sample, int num_classes) {
  using namespace shard_layout;
  if (sample.name.empty() || sample.name.size() > kMaxNameBytes || sample.name.find('\0') != std::string::npos) {
    return fmt::format("its name must have 1 to {} bytes and no NUL", kMaxNameBytes);
  }
  if (sample.height == 0 || sample.width == 0 || sample.height > kMaxSide || sample.width > kMaxSide) {
    return fmt::format("its size {}x{} px is out of range", sample.width, sample.height);
  }
  if (sample.class_pixels.size() != static_cast<size_t>(num_classes)) {
    return fmt::format("it counts pixels of {} classes instead of {}", sample.class_pixels.size(), num_classes);
  }
  const auto labels =
      std::find_if(sample.tiles.begin(), sample.tiles.end(), [](const Tile& t) { return t.kind == TileKind::kLabels; });
  if (std::any_of(labels, sample.tiles.end(), [](const Tile& t) { return t.kind != TileKind::kLabels; })) {
    return "frame tiles follow label tiles";
  }
  if (!is_grid({sample.tiles.begin(), labels}, sample)) return "its frame tiles do not cover the frame once, row by row";
  if (!is_grid({labels, sample.tiles.end()}, sample)) return "its label tiles do not cover the frame once, row by row";
  for (const Centroid& c : sample.centroids) {
    if (c.class_id >= num_classes || c.x >= sample.width || c.y >= sample.height) {
      return fmt::format("centroid ({}, {}) of class {} is out of range", c.x, c.y, c.class_id);
    }
  }
  return "";
}

}  // namespace strata
