#include "preprocess/centroids.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

struct Mass {
  uint64_t pixels = 0, x = 0, y = 0;  // count and sums of coordinates
};

void append_centroids(const Image& train_ids, const Window& tile, std::vector<Mass>& masses, std::vector<Centroid>& centroids) {
  std::fill(masses.begin(), masses.end(), Mass{});
  for (int y = tile.y; y < tile.y + tile.height; ++y) {
    const uint8_t* row = train_ids.row(y);
    for (int x = tile.x; x < tile.x + tile.width; ++x) {
      if (row[x] >= masses.size()) continue;
      Mass& mass = masses[row[x]];
      ++mass.pixels;
      mass.x += static_cast<uint64_t>(x);
      mass.y += static_cast<uint64_t>(y);
    }
  }
  for (size_t c = 0; c < masses.size(); ++c) {
    const Mass& mass = masses[c];
    if (mass.pixels == 0) continue;
    centroids.push_back(
        {static_cast<uint16_t>(c), static_cast<uint32_t>(mass.x / mass.pixels), static_cast<uint32_t>(mass.y / mass.pixels)});
  }
}

}  // namespace

TileRule parse_tile_rule(const std::string& name) {
  if (name == "cover") return TileRule::kCover;
  if (name == "reference") return TileRule::kReference;
  throw ConfigError(fmt::format("--tile-rule {} is not known; use cover or reference", name));
}

std::vector<Centroid> find_centroids(const Image& train_ids, int num_classes, int tile_size, TileRule rule) {
  std::vector<Centroid> centroids;
  std::vector<Mass> masses(static_cast<size_t>(num_classes));
  const int least = rule == TileRule::kCover ? 1 : tile_size;  // side of the smallest tile that counts, px
  for (int y = 0; y + least <= train_ids.height; y += tile_size) {
    for (int x = 0; x + least <= train_ids.width; x += tile_size) {
      const Window tile{y, x, std::min(tile_size, train_ids.height - y), std::min(tile_size, train_ids.width - x)};
      append_centroids(train_ids, tile, masses, centroids);
    }
  }
  return centroids;
}

}  // namespace strata
