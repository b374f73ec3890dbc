#pragma once
// The blob of a shard: the coded tiles one after the other, in chunks with a checksum each. Written through HDF5, read by pread.

#include "base/file_descriptor.h"
#include "data/hdf5.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace strata {

// Appends to the dataset `blob`. The caller holds the HDF5 lock; Hdf5Failure where the disk is full.
class BlobWriter {
 public:
  explicit BlobWriter(hid_t file) : file_(file) {}

  void append(std::span<const std::byte> bytes);
  uint64_t size() const { return written_ + pending_.size(); }
  // Writes what is pending and closes the dataset; gives the file offset of each chunk.
  std::vector<uint64_t> finish();

 private:
  void create(hsize_t chunk_bytes);
  void write_pending(size_t count);

  hid_t file_;
  Hdf5Handle dataset_;
  uint64_t chunk_bytes_ = 1;
  uint64_t written_ = 0;
  std::vector<std::byte> pending_;
};

class BlobReader {
 public:
  // The caller holds the HDF5 lock. `chunk_addresses`: file offset of each chunk, from the index; asking HDF5 takes time
  // quadratic in their number. FormatError, DataError or Hdf5Failure as in shard_index.h.
  BlobReader(hid_t file, uint64_t file_bytes, std::vector<uint64_t> chunk_addresses);

  uint64_t size() const { return size_; }
  // Thread-safe and without HDF5. `offset` and the length must lie inside the blob; `path` is for errors.
  void read(const FileDescriptor& file, uint64_t offset, std::span<std::byte> out, const std::filesystem::path& path) const;

 private:
  uint64_t size_ = 0;
  uint64_t chunk_bytes_ = 1;
  std::vector<uint64_t> chunk_addresses_;
};

}  // namespace strata
