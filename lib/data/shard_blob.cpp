#include "data/shard_blob.h"

#include "base/error.h"
#include "base/files.h"
#include "data/hdf5_strict.h"
#include "data/shard_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace strata {

using namespace shard_layout;

namespace {

// The last chunk is stored whole. Blobs up to this size are held until their end is known and cut evenly instead, so that small
// shards carry no padding; larger ones lose less than a part in 32.
constexpr size_t kHeldBytes = 32 * kMaxBlobChunk;

uint64_t chunks_of(uint64_t bytes, uint64_t chunk_bytes) { return (bytes + chunk_bytes - 1) / chunk_bytes; }

std::vector<uint64_t> chunk_addresses(hid_t dataset, uint64_t chunks) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, "locating the blob's chunks");
  std::vector<uint64_t> addresses(chunks);
  for (uint64_t i = 0; i < chunks; ++i) {
    hsize_t start = 0, stored = 0;
    unsigned skipped_filters = 0;
    haddr_t address = HADDR_UNDEF;
    require_hdf5(H5Dget_chunk_info(dataset, space.id(), i, &start, &skipped_filters, &address, &stored),
                 "locating the blob's chunks");
    if (address == HADDR_UNDEF) throw InternalError(fmt::format("HDF5 does not say where chunk {} of a blob lies", i));
    addresses[i] = address;
  }
  return addresses;
}

}  // namespace

void BlobWriter::append(std::span<const std::byte> bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  if (!dataset_ && pending_.size() <= kHeldBytes) return;
  if (!dataset_) create(kMaxBlobChunk);
  write_pending(pending_.size() - pending_.size() % kMaxBlobChunk);
}

std::vector<uint64_t> BlobWriter::finish() {
  if (!dataset_) {
    const uint64_t chunks = std::max<uint64_t>(1, chunks_of(pending_.size(), kMaxBlobChunk));
    create(std::max<uint64_t>(1, (pending_.size() + chunks - 1) / chunks));
  }
  write_pending(pending_.size());
  require_hdf5(H5Dflush(dataset_.id()), "flushing the blob");
  std::vector<uint64_t> addresses = chunk_addresses(dataset_.id(), chunks_of(written_, chunk_bytes_));
  dataset_.close("closing the blob");
  return addresses;
}

void BlobWriter::create(hsize_t chunk_bytes) {
  chunk_bytes_ = chunk_bytes;
  const hsize_t empty = 0, unlimited = H5S_UNLIMITED;
  const Hdf5Handle space(H5Screate_simple(1, &empty, &unlimited), H5Sclose, "describing the blob");
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "describing the blob");
  require_hdf5(H5Pset_obj_track_times(properties.id(), false), "describing the blob");
  require_hdf5(H5Pset_chunk(properties.id(), 1, &chunk_bytes), "describing the blob");
  require_hdf5(H5Pset_fletcher32(properties.id()), "describing the blob");
  dataset_ = Hdf5Handle(H5Dcreate2(file_, kBlob, H5T_STD_U8LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose,
                        "creating the blob");
}

void BlobWriter::write_pending(size_t count) {
  if (count == 0) return;
  const hsize_t start = written_, length = count, end = start + length;
  require_hdf5(H5Dset_extent(dataset_.id(), &end), "extending the blob");
  const Hdf5Handle target(H5Dget_space(dataset_.id()), H5Sclose, "writing the blob");
  require_hdf5(H5Sselect_hyperslab(target.id(), H5S_SELECT_SET, &start, nullptr, &length, nullptr), "writing the blob");
  const Hdf5Handle source(H5Screate_simple(1, &length, nullptr), H5Sclose, "writing the blob");
  require_hdf5(H5Dwrite(dataset_.id(), H5T_NATIVE_UINT8, source.id(), target.id(), H5P_DEFAULT, pending_.data()),
               "writing the blob");
  written_ = end;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
}

BlobReader::BlobReader(hid_t file, uint64_t file_bytes, std::vector<uint64_t> chunk_addresses)
    : chunk_addresses_(std::move(chunk_addresses)) {
  const PlainDataset plain = open_plain_dataset(file, kBlob, H5T_STD_U8LE, 1, file_bytes);
  size_ = plain.extent[0];
  chunk_bytes_ = plain.chunk[0];
  if (chunk_bytes_ == 0 || chunk_bytes_ > kMaxBlobChunk) {
    throw FormatError(fmt::format("the chunks of 'blob' have {} bytes, 1 to {} are allowed", chunk_bytes_, kMaxBlobChunk));
  }
  if (chunk_addresses_.size() != chunks_of(size_, chunk_bytes_)) throw DataError("its list of chunks does not fit the blob");
  for (const uint64_t address : chunk_addresses_) {
    if (address > file_bytes || chunk_bytes_ > file_bytes - address) throw DataError("a chunk of its blob lies outside the file");
  }
}

void BlobReader::read(const FileDescriptor& file, uint64_t offset, std::span<std::byte> out,
                      const std::filesystem::path& path) const {
  while (!out.empty()) {
    const uint64_t within = offset % chunk_bytes_;
    const auto count = static_cast<size_t>(std::min<uint64_t>(out.size(), chunk_bytes_ - within));
    const auto address = static_cast<off_t>(chunk_addresses_[offset / chunk_bytes_] + within);
    const ssize_t got = ::pread(file.get(), out.data(), count, address);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(errno, "read", path);
    if (got == 0) throw DataError(fmt::format("{} has become shorter while it was read", path.string()));
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
}

}  // namespace strata
