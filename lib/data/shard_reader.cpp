#include "data/shard_reader.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"
#include "data/shard_blob.h"
#include "data/shard_index.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace strata {

namespace {

constexpr std::array<unsigned char, 8> kHdf5Signature = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

uint64_t size_of(const FileDescriptor& file, const fs::path& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw_errno(errno, "read", path);
  return static_cast<uint64_t>(info.st_size);
}

// Before HDF5 searches the whole file for a beginning.
void require_signature(const FileDescriptor& file, const fs::path& path) {
  std::array<unsigned char, kHdf5Signature.size()> start{};
  const ssize_t got = ::pread(file.get(), start.data(), start.size(), 0);
  if (got < 0) throw_errno(errno, "read", path);
  if (got < static_cast<ssize_t>(start.size())) throw DataError("it is cut short");
  if (start != kHdf5Signature) throw FormatError("it is not an HDF5 file");
}

Hdf5Handle open_hdf5(const fs::path& path) {
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "opening");
  require_hdf5(H5Pset_file_locking(access.id(), false, true), "opening");  // read-only and network file systems have no locks
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, "opening"};
}

constexpr char kRemedy[] = "Compare it with the manifest (strata-dataset verify); copy the dataset again or convert it again";

}  // namespace

struct ShardReader::State {
  fs::path path;
  FileDescriptor file;
  ShardIndex index;
  std::optional<BlobReader> blob;

  void load() {
    require_signature(file, path);
    const auto lock = lock_hdf5();
    const Hdf5Handle hdf5 = open_hdf5(path);
    require_shard_version(hdf5.id());
    require_shard_members(hdf5.id());
    const uint64_t file_bytes = size_of(file, path);
    blob.emplace(hdf5.id(), file_bytes, read_chunk_addresses(hdf5.id(), file_bytes));
    index = read_shard_index(hdf5.id(), file_bytes, blob->size());
  }

  // "'aachen/a' (frame tile at x 512, y 0)": offsets ascend with the samples.
  std::string place_of(const Tile& tile) const {
    const std::vector<Sample>& samples = index.samples;
    const auto after = std::upper_bound(samples.begin(), samples.end(), tile.offset,
                                        [](uint64_t offset, const Sample& s) { return offset < s.tiles.front().offset; });
    const std::string name = after == samples.begin() ? "?" : std::prev(after)->name;
    return fmt::format("'{}' ({} tile at x {}, y {})", name, tile.kind == TileKind::kFrame ? "frame" : "label", tile.x, tile.y);
  }
};

ShardReader::ShardReader(const fs::path& file) : state_(std::make_unique<State>()) {
  state_->path = file;
  state_->file = FileDescriptor::open_to_read(file);
  try {
    state_->load();
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{} cannot be read as a shard: {}", file.string(), error.what()));
  } catch (const DataError& error) {
    throw DataError(fmt::format("shard {} is damaged: {}. {}", file.string(), error.what(), kRemedy));
  } catch (const Hdf5Failure& failure) {
    throw DataError(fmt::format("shard {} is damaged: HDF5 fails at {}. {}", file.string(), failure.what(), kRemedy));
  }
}

ShardReader::~ShardReader() = default;
ShardReader::ShardReader(ShardReader&&) noexcept = default;

size_t ShardReader::size() const { return state_->index.samples.size(); }
const Sample& ShardReader::sample(size_t index) const { return state_->index.samples.at(index); }
const std::string& ShardReader::index_sha256() const { return state_->index.sha256; }

std::vector<std::byte> ShardReader::read_tile(const Tile& tile) const {
  const uint64_t blob_bytes = state_->blob->size();
  if (tile.offset > blob_bytes || tile.bytes > blob_bytes - tile.offset) {
    throw InternalError(fmt::format("a tile that is not of shard {} was asked for", state_->path.string()));
  }
  std::vector<std::byte> coded(tile.bytes);
  state_->blob->read(state_->file, tile.offset, coded, state_->path);
  const auto checksum = libdeflate_crc32(0, coded.data(), coded.size());
  if (checksum != tile.crc32) {
    throw DataError(fmt::format("shard {} is damaged: sample {} does not fit its checksum. {}", state_->path.string(),
                                state_->place_of(tile), kRemedy));
  }
  return coded;
}

}  // namespace strata
