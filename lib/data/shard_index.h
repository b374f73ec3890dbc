#pragma once
// The index of a shard file: everything but the coded pixels. The caller holds the HDF5 lock.

#include "data/hdf5.h"
#include "data/shard.h"

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

// What makes a file a shard, and of which version: attributes of the root group.
void write_shard_version(hid_t file);
// FormatError for a foreign file or a newer version.
void require_shard_version(hid_t file);

// Writes the datasets names, samples, tiles, centroids, class_pixels and chunks (file offsets of the blob's); gives the index's
// SHA-256. Throws Hdf5Failure.
std::string write_shard_index(hid_t file, const std::vector<Sample>& samples, int num_classes,
                              const std::vector<uint64_t>& chunk_addresses);

// FormatError where the root group holds anything but those and the blob, as plain links.
void require_shard_members(hid_t file);
std::vector<uint64_t> read_chunk_addresses(hid_t file, uint64_t file_bytes);

struct ShardIndex {
  std::vector<Sample> samples;
  std::string sha256;  // of names and tables (FORMAT.md); the tiles' checksums among them bind the coded pixels, too
};
// Reads the samples back. FormatError for another structure, DataError where the numbers contradict each other or the blob's
// size, Hdf5Failure where a checksum does not fit.
ShardIndex read_shard_index(hid_t file, uint64_t file_bytes, uint64_t blob_bytes);

}  // namespace strata
