#pragma once
// Names, row types and limits of the shard format, shared by writer and reader (FORMAT.md says the same for strangers).

#include "data/hdf5.h"

#include <cstdint>

namespace strata::shard_layout {

inline constexpr char kFormatName[] = "strata-shard";
inline constexpr char kFormatAttribute[] = "format";
inline constexpr char kVersionAttribute[] = "format_version";

inline constexpr char kNames[] = "names";
inline constexpr char kSamples[] = "samples";
inline constexpr char kTiles[] = "tiles";
inline constexpr char kCentroids[] = "centroids";
inline constexpr char kClassPixels[] = "class_pixels";
inline constexpr char kBlob[] = "blob";
inline constexpr char kChunks[] = "chunks";

inline constexpr size_t kMaxNameBytes = 1024;
inline constexpr uint32_t kMaxSide = 1u << 20;      // px
inline constexpr hsize_t kMaxBlobChunk = 1u << 20;  // bytes
inline constexpr size_t kChecksumBytes = 4;         // fletcher32 after each chunk
inline constexpr hsize_t kIndexChunkRows = 4096;

struct SampleRow {
  uint32_t height, width;
  uint64_t first_tile;
  uint32_t tile_count;
  uint64_t first_centroid;
  uint32_t centroid_count;
  uint64_t ignored_pixels;
};

struct TileRow {
  uint8_t kind, codec;
  uint32_t y, x, height, width;
  uint32_t margin_y, margin_x;
  uint64_t offset;
  uint32_t bytes, crc32;
};

struct CentroidRow {
  uint16_t class_id;
  uint32_t x, y;
};

// A row type in memory (the struct above) and in files (packed, little-endian). The caller holds the HDF5 lock.
struct RowType {
  Hdf5Handle memory;
  Hdf5Handle file;
};
RowType sample_row_type();
RowType tile_row_type();
RowType centroid_row_type();
// Fixed-length UTF-8 text, padded with NUL, the same in memory and files.
Hdf5Handle text_type(size_t bytes);

}  // namespace strata::shard_layout
