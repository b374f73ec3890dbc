#include "data/shard_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "data/shard_blob.h"
#include "data/shard_index.h"
#include "data/shard_reader.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <future>

namespace strata {

namespace {

// A shard's bytes are those of its samples: no object times; checksums on all metadata (libver LATEST).
Hdf5Handle create_hdf5(const fs::path& file) {
  const Hdf5Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "preparing a shard");
  require_hdf5(H5Pset_obj_track_times(creation.id(), false), "preparing a shard");
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "preparing a shard");
  require_hdf5(H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST), "preparing a shard");
  require_hdf5(H5Pset_file_locking(access.id(), false, true), "preparing a shard");
  return {H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose, "creating a shard"};
}

// The closed file's index, and every tile against its checksum, as later readers will see them.
void verify(const fs::path& file, const std::string& index_sha256) {
  try {
    const ShardReader reader(file);
    if (reader.index_sha256() != index_sha256) throw DataError("its index is another");
    for (size_t i = 0; i < reader.size(); ++i) {
      for (const Tile& tile : reader.sample(i).tiles) reader.read_tile(tile);
    }
  } catch (const Error& error) {
    throw IoError(fmt::format("{} does not read back as it was written ({}): the disk or file server is not reliable",
                              file.string(), error.what()));
  }
}

}  // namespace

struct ShardWriter::State {
  State(const fs::path& target_file, int classes)
      : target(target_file), num_classes(classes), file(target_file), hdf5(create_hdf5(file.temporary_path())), blob(hdf5.id()) {
    write_shard_version(hdf5.id());
  }

  // Emptying the file first gives HDF5 room to close it, should the disk be full.
  ~State() {
    const auto lock = lock_hdf5();
    if (!hdf5) return;
    std::error_code ignored;
    fs::resize_file(file.temporary_path(), 0, ignored);
    blob = BlobWriter(-1);
    hdf5 = Hdf5Handle();
  }

  [[noreturn]] void fail(const Hdf5Failure& failure) const {
    if (failure.system_error() != 0) throw_errno(failure.system_error(), "write", target);
    throw IoError(fmt::format("cannot write {}: HDF5 failed at {}", target.string(), failure.what()));
  }

  fs::path target;
  int num_classes;
  AtomicFile file;  // the temporary file HDF5 writes to
  Hdf5Handle hdf5;
  BlobWriter blob;
  std::vector<Sample> samples;
};

ShardWriter::ShardWriter(const fs::path& target, int num_classes) {
  if (num_classes < 1 || num_classes > 256) throw InternalError(fmt::format("a shard of {} classes was asked for", num_classes));
  const auto lock = lock_hdf5();
  try {
    state_ = std::make_unique<State>(target, num_classes);
  } catch (const Hdf5Failure& failure) {
    if (failure.system_error() != 0) throw_errno(failure.system_error(), "create", target);
    throw IoError(fmt::format("cannot create {}: HDF5 failed at {}", target.string(), failure.what()));
  }
}

ShardWriter::~ShardWriter() = default;

void ShardWriter::add(const Sample& sample, std::span<const std::byte> coded) {
  const std::string fault = fault_of(sample, state_->num_classes);
  if (!fault.empty()) throw InternalError(fmt::format("sample '{}' cannot be written: {}", sample.name, fault));
  Sample placed = sample;
  const uint64_t first_byte = state_->blob.size();
  size_t position = 0;
  for (Tile& tile : placed.tiles) {
    if (tile.bytes == 0 || tile.bytes > coded.size() - position) {
      throw InternalError(fmt::format("the tiles of sample '{}' are empty or longer than its bytes", sample.name));
    }
    tile.offset = first_byte + position;
    tile.crc32 = libdeflate_crc32(0, coded.data() + position, tile.bytes);
    position += tile.bytes;
  }
  if (position != coded.size()) throw InternalError(fmt::format("sample '{}' has more bytes than its tiles", sample.name));
  const auto lock = lock_hdf5();
  try {
    state_->blob.append(coded);
  } catch (const Hdf5Failure& failure) {
    state_->fail(failure);
  }
  state_->samples.push_back(std::move(placed));
}

ShardEntry ShardWriter::finish() {
  std::string index_sha256;
  {
    const auto lock = lock_hdf5();
    try {
      const std::vector<uint64_t> chunk_addresses = state_->blob.finish();
      index_sha256 = write_shard_index(state_->hdf5.id(), state_->samples, state_->num_classes, chunk_addresses);
      require_hdf5(H5Fflush(state_->hdf5.id(), H5F_SCOPE_GLOBAL),
                   "flushing a shard");  // a file whose close fails cannot be let go any more
      state_->hdf5.close("closing a shard");
    } catch (const Hdf5Failure& failure) {
      state_->fail(failure);
    }
  }
  const fs::path& temporary = state_->file.temporary_path();
  // Beside the hashing, which leaves HDF5 to that thread.
  std::future<void> verified = std::async(std::launch::async, [&] { verify(temporary, index_sha256); });
  ShardEntry entry{state_->target.filename().string(), state_->samples.size(), fs::file_size(temporary),
                   sha256_of_file(temporary), index_sha256};
  verified.get();
  state_->file.commit();
  return entry;
}

}  // namespace strata
