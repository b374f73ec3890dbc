#pragma once
// What a shard holds (lib/data/FORMAT.md is the format for strangers). Writer and reader: shard_writer.h, shard_reader.h.

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

inline constexpr int kShardFormatVersion = 1;

enum class TileKind : uint8_t { kFrame = 0, kLabels = 1 };
enum class TileCodec : uint8_t { kPng = 0, kJpeg = 1 };

// One coded tile: decoding `bytes` of the blob at `offset` gives height x width pixels. The tile *owns* the pixels of its
// rectangle (y, x, height, width) of the frame; with a JPEG margin the decoded picture begins at (y - margin_y, x - margin_x) and
// may extend beyond.
struct Tile {
  TileKind kind = TileKind::kFrame;
  TileCodec codec = TileCodec::kPng;
  uint32_t y = 0, x = 0, height = 0, width = 0;  // px, in the full frame
  uint32_t margin_y = 0, margin_x = 0;           // px decoded above and left of the owned rectangle (0 for PNG)
  uint64_t offset = 0;                           // into the shard's blob
  uint32_t bytes = 0;
  uint32_t crc32 = 0;  // zlib's, of the coded bytes
};

// A class centroid: centre of mass of `class_id` in one tile of the sampling grid, in full-resolution pixels, truncated
// (reference.md 1.6).
struct Centroid {
  uint16_t class_id = 0;  // train id
  uint32_t x = 0, y = 0;  // px
  bool operator==(const Centroid&) const = default;
};

// One sample: a frame, its labels (raw ids), and its centroids.
struct Sample {
  std::string name;                // unique in its split: relative path without suffix, '/' separated
  uint32_t height = 0, width = 0;  // px
  std::vector<Tile> tiles;         // row-major, frames first, then labels; offsets filled in by writer and reader
  std::vector<Centroid> centroids;
  std::vector<uint64_t> class_pixels;  // per train id
  uint64_t ignored_pixels = 0;
};

// What makes a sample unfit for a shard of this many classes, in words, or "": sides within 1..2^20 px; the tiles of each kind
// are a row-major grid that covers the frame once; centroids lie inside it.
std::string fault_of(const Sample& sample, int num_classes);

}  // namespace strata
