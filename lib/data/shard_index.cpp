#include "data/shard_index.h"

#include "base/error.h"
#include "base/sha256.h"
#include "data/hdf5_strict.h"
#include "data/shard_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace strata {

using namespace shard_layout;

namespace {

void write_attribute(hid_t file, const char* name, hid_t file_type, hid_t memory_type, const void* value) {
  const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose, name);
  const Hdf5Handle attribute(H5Acreate2(file, name, file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, name);
  require_hdf5(H5Awrite(attribute.id(), memory_type, value), name);
}

// Extendible only because HDF5 wants chunks no larger than a fixed extent, and an index may be empty.
Hdf5Handle create_dataset(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& extent) {
  std::vector<hsize_t> limit = extent, chunk = extent;
  limit[0] = H5S_UNLIMITED;
  chunk[0] = std::clamp<hsize_t>(extent[0], 1, kIndexChunkRows);
  const Hdf5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), limit.data()), H5Sclose, name);
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, name);
  require_hdf5(H5Pset_obj_track_times(properties.id(), false), name);
  require_hdf5(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), name);
  require_hdf5(H5Pset_fletcher32(properties.id()), name);
  return {H5Dcreate2(file, name, type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose, name};
}

void write_dataset(hid_t file, const char* name, const RowType& type, const std::vector<hsize_t>& extent, const void* values) {
  Hdf5Handle dataset = create_dataset(file, name, type.file.id(), extent);
  if (extent[0] > 0) require_hdf5(H5Dwrite(dataset.id(), type.memory.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), name);
  dataset.close(name);
}

void write_names(hid_t file, const std::vector<std::string>& names) {
  size_t width = 1;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::vector<char> text(names.size() * width, '\0');
  for (size_t i = 0; i < names.size(); ++i) std::memcpy(text.data() + i * width, names[i].data(), names[i].size());
  write_dataset(file, kNames, {text_type(width), text_type(width)}, {names.size()}, text.data());
}

RowType count_type() {
  return {Hdf5Handle(H5Tcopy(H5T_NATIVE_UINT64), H5Tclose, "copying a type"),
          Hdf5Handle(H5Tcopy(H5T_STD_U64LE), H5Tclose, "copying a type")};
}

// The index as rows, as it lies in the file.
struct Rows {
  std::vector<std::string> names;
  std::vector<SampleRow> samples;
  std::vector<TileRow> tiles;
  std::vector<CentroidRow> centroids;
  std::vector<uint64_t> class_pixels;
  size_t num_classes = 0;
};

TileRow row_of(const Tile& t) {
  return {static_cast<uint8_t>(t.kind),
          static_cast<uint8_t>(t.codec),
          t.y,
          t.x,
          t.height,
          t.width,
          t.margin_y,
          t.margin_x,
          t.offset,
          t.bytes,
          t.crc32};
}

Tile tile_of(const TileRow& r) {
  if (r.kind > static_cast<uint8_t>(TileKind::kLabels) || r.codec > static_cast<uint8_t>(TileCodec::kJpeg)) {
    throw DataError(fmt::format("a tile has the unknown kind {} or codec {}", r.kind, r.codec));
  }
  return {static_cast<TileKind>(r.kind),
          static_cast<TileCodec>(r.codec),
          r.y,
          r.x,
          r.height,
          r.width,
          r.margin_y,
          r.margin_x,
          r.offset,
          r.bytes,
          r.crc32};
}

Rows rows_of(const std::vector<Sample>& samples, size_t num_classes) {
  Rows rows;
  rows.num_classes = num_classes;
  for (const Sample& s : samples) {
    rows.names.push_back(s.name);
    rows.samples.push_back({s.height, s.width, rows.tiles.size(), static_cast<uint32_t>(s.tiles.size()), rows.centroids.size(),
                            static_cast<uint32_t>(s.centroids.size()), s.ignored_pixels});
    for (const Tile& tile : s.tiles) rows.tiles.push_back(row_of(tile));
    for (const Centroid& c : s.centroids) rows.centroids.push_back({c.class_id, c.x, c.y});
    rows.class_pixels.insert(rows.class_pixels.end(), s.class_pixels.begin(), s.class_pixels.end());
  }
  return rows;
}

template <typename Row>
std::vector<Row> read_rows(hid_t file, const char* name, const RowType& type, uint64_t file_bytes) {
  const PlainDataset plain = open_plain_dataset(file, name, type.file.id(), 1, file_bytes);
  std::vector<Row> rows(plain.extent[0]);
  read_all(plain, type.memory.id(), rows.data());
  return rows;
}

std::vector<std::string> read_names(hid_t file, uint64_t file_bytes) {
  size_t width = 0;
  const PlainDataset plain = open_plain_text(file, kNames, kMaxNameBytes, file_bytes, width);
  std::vector<char> text(plain.extent[0] * width);
  read_all(plain, text_type(width).id(), text.data());
  std::vector<std::string> names(plain.extent[0]);
  for (size_t i = 0; i < names.size(); ++i) names[i].assign(text.data() + i * width, strnlen(text.data() + i * width, width));
  return names;
}

Rows read_rows_of(hid_t file, uint64_t file_bytes) {
  Rows rows;
  rows.names = read_names(file, file_bytes);
  rows.samples = read_rows<SampleRow>(file, kSamples, sample_row_type(), file_bytes);
  rows.tiles = read_rows<TileRow>(file, kTiles, tile_row_type(), file_bytes);
  rows.centroids = read_rows<CentroidRow>(file, kCentroids, centroid_row_type(), file_bytes);
  const RowType counts = count_type();
  const PlainDataset plain = open_plain_dataset(file, kClassPixels, counts.file.id(), 2, file_bytes);
  rows.num_classes = plain.extent[1];
  rows.class_pixels.resize(plain.extent[0] * plain.extent[1]);
  read_all(plain, counts.memory.id(), rows.class_pixels.data());
  if (rows.names.size() != rows.samples.size() || plain.extent[0] != rows.samples.size() || rows.num_classes > 256) {
    throw DataError("its index tables are of different lengths");
  }
  return rows;
}

// Rows as they lie in the file: packed, little-endian.
template <typename Row>
void add_packed(Sha256& sum, const RowType& type, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::vector<Row> packed = rows, background = rows;
  require_hdf5(H5Tconvert(type.memory.id(), type.file.id(), rows.size(), packed.data(), background.data(), H5P_DEFAULT),
               "packing the index");
  sum.update(std::as_bytes(std::span(packed)).first(rows.size() * H5Tget_size(type.file.id())));
}

// What FORMAT.md calls the index's SHA-256. It does not depend on how HDF5 laid the file out.
std::string sha256_of(const Rows& rows) {
  Sha256 sum;
  add_packed(sum, count_type(), std::vector<uint64_t>{rows.samples.size(), rows.num_classes});
  for (const std::string& name : rows.names) sum.update(std::as_bytes(std::span(name.c_str(), name.size() + 1)));
  add_packed(sum, sample_row_type(), rows.samples);
  add_packed(sum, tile_row_type(), rows.tiles);
  add_packed(sum, centroid_row_type(), rows.centroids);
  add_packed(sum, count_type(), rows.class_pixels);
  return sum.finish();
}

// Samples share nothing and leave nothing out: each begins where the one before ended, in tiles, centroids and blob.
class SampleBuilder {
 public:
  SampleBuilder(const Rows& rows, uint64_t blob_bytes) : rows_(rows), blob_bytes_(blob_bytes) {}

  Sample next() {
    const size_t index = next_sample_++;
    const SampleRow& row = rows_.samples[index];
    if (row.first_tile != next_tile_ || row.tile_count > rows_.tiles.size() - next_tile_ ||
        row.first_centroid != next_centroid_ || row.centroid_count > rows_.centroids.size() - next_centroid_) {
      throw DataError(fmt::format("the index of sample {} does not continue the one before", index));
    }
    Sample sample;
    sample.name = rows_.names[index];
    sample.height = row.height;
    sample.width = row.width;
    sample.ignored_pixels = row.ignored_pixels;
    for (uint32_t i = 0; i < row.tile_count; ++i) sample.tiles.push_back(next_tile(index));
    for (uint32_t i = 0; i < row.centroid_count; ++i) {
      const CentroidRow& c = rows_.centroids[next_centroid_++];
      sample.centroids.push_back({c.class_id, c.x, c.y});
    }
    const auto counts = rows_.class_pixels.begin() + static_cast<std::ptrdiff_t>(index * rows_.num_classes);
    sample.class_pixels.assign(counts, counts + static_cast<std::ptrdiff_t>(rows_.num_classes));
    const std::string fault = fault_of(sample, static_cast<int>(rows_.num_classes));
    if (!fault.empty()) throw DataError(fmt::format("the index of sample {} ('{}') is wrong: {}", index, sample.name, fault));
    return sample;
  }

  void require_end() const {
    if (next_tile_ != rows_.tiles.size() || next_centroid_ != rows_.centroids.size() || blob_position_ != blob_bytes_) {
      throw DataError("its index leaves tiles, centroids or coded bytes over");
    }
  }

 private:
  Tile next_tile(size_t sample) {
    const Tile tile = tile_of(rows_.tiles[next_tile_++]);
    if (tile.offset != blob_position_ || tile.bytes == 0 || tile.bytes > blob_bytes_ - blob_position_) {
      throw DataError(fmt::format("a tile of sample {} lies outside its place in the blob", sample));
    }
    blob_position_ += tile.bytes;
    return tile;
  }

  const Rows& rows_;
  uint64_t blob_bytes_;
  size_t next_sample_ = 0, next_tile_ = 0, next_centroid_ = 0;
  uint64_t blob_position_ = 0;
};

}  // namespace

void write_shard_version(hid_t file) {
  const Hdf5Handle text = text_type(sizeof kFormatName - 1);
  write_attribute(file, kFormatAttribute, text.id(), text.id(), kFormatName);
  const int32_t version = kShardFormatVersion;
  write_attribute(file, kVersionAttribute, H5T_STD_I32LE, H5T_NATIVE_INT32, &version);
}

void require_shard_version(hid_t file) {
  if (read_text_attribute(file, kFormatAttribute) != kFormatName) throw FormatError("it is an HDF5 file of another kind");
  const int32_t version = read_int_attribute(file, kVersionAttribute);
  if (version == kShardFormatVersion) return;
  throw FormatError(fmt::format("it has format version {}, this program reads version {}; use the program that wrote it", version,
                                kShardFormatVersion));
}

std::string write_shard_index(hid_t file, const std::vector<Sample>& samples, int num_classes,
                              const std::vector<uint64_t>& chunk_addresses) {
  const Rows rows = rows_of(samples, static_cast<size_t>(num_classes));
  write_names(file, rows.names);
  write_dataset(file, kSamples, sample_row_type(), {rows.samples.size()}, rows.samples.data());
  write_dataset(file, kTiles, tile_row_type(), {rows.tiles.size()}, rows.tiles.data());
  write_dataset(file, kCentroids, centroid_row_type(), {rows.centroids.size()}, rows.centroids.data());
  write_dataset(file, kClassPixels, count_type(), {samples.size(), rows.num_classes}, rows.class_pixels.data());
  write_dataset(file, kChunks, count_type(), {chunk_addresses.size()}, chunk_addresses.data());
  return sha256_of(rows);
}

void require_shard_members(hid_t file) {
  require_only_members(file, {kNames, kSamples, kTiles, kCentroids, kClassPixels, kChunks, kBlob});
}

std::vector<uint64_t> read_chunk_addresses(hid_t file, uint64_t file_bytes) {
  return read_rows<uint64_t>(file, kChunks, count_type(), file_bytes);
}

ShardIndex read_shard_index(hid_t file, uint64_t file_bytes, uint64_t blob_bytes) {
  const Rows rows = read_rows_of(file, file_bytes);
  SampleBuilder builder(rows, blob_bytes);
  ShardIndex index;
  index.samples.reserve(rows.samples.size());
  while (index.samples.size() < rows.samples.size()) index.samples.push_back(builder.next());
  builder.require_end();
  index.sha256 = sha256_of(rows);
  return index;
}

}  // namespace strata
