#include "data/staging.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process_info.h"
#include "base/sha256.h"
#include "comm/agreement.h"
#include "comm/stop.h"
#include "data/manifest.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <stdexcept>

namespace strata {

namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = 8 << 20;
constexpr uint64_t kSpareBytes = 64 << 20;  // left for others on the node
constexpr size_t kIdLetters = 16;           // of the dataset's id in the folder's name

// What one node copies, and where to.
struct Staging {
  fs::path from, to;
  std::vector<ShardEntry> missing;
  size_t reused = 0;

  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const ShardEntry& shard : missing) sum += shard.bytes;
    return sum;
  }
};

// A node's shards take minutes to copy, longer than a job that is told to stop may have.
void require_no_signal() {
  if (const int number = stop_signal()) throw std::runtime_error(fmt::format("signal {} says to stop", number));
}

bool is_there(const fs::path& file, const ShardEntry& shard) {
  std::error_code error;
  return fs::file_size(file, error) == shard.bytes && !error && sha256_of_file(file) == shard.sha256;
}

Staging plan_staging(const fs::path& dataset, const StagingOptions& options, const Manifest& manifest) {
  Staging staging{dataset, options.directory / ("strata-" + manifest.dataset_id().substr(0, kIdLetters)), {}, 0};
  for (const std::string& split : options.splits) {
    const auto found = manifest.splits.find(split);
    if (found == manifest.splits.end()) continue;  // whoever opens it says so
    for (const ShardEntry& shard : found->second.shards) {
      require_no_signal();
      if (is_there(staging.to / shard.file, shard)) {
        ++staging.reused;
      } else {
        staging.missing.push_back(shard);
      }
    }
  }
  return staging;
}

void copy_shard(const Staging& staging, const ShardEntry& shard) {
  const fs::path source = staging.from / shard.file;
  const FileDescriptor file = FileDescriptor::open_to_read(source);
  AtomicFile copy(staging.to / shard.file);
  Sha256 sum;
  std::vector<std::byte> piece(kPieceBytes);
  while (true) {
    require_no_signal();
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_read_errno(errno, source);
    if (got == 0) break;
    const auto bytes = std::span(piece).first(static_cast<size_t>(got));
    sum.update(bytes);
    copy.write(bytes);
  }
  if (sum.finish() != shard.sha256) {
    throw DataError(fmt::format(
        "shard {} is not the one of the manifest: its SHA-256 is another; copy the dataset again (strata-dataset verify)",
        source.string()));
  }
  copy.commit();
}

// Where the node has its copy; errors of the node's disk end in a warning and no copy, those of the dataset are thrown.
std::optional<fs::path> stage_on_this_node(const fs::path& dataset, const StagingOptions& options, const Manifest& manifest) {
  const double begun = monotonic_seconds();
  try {
    require_writable_directory(options.directory);
    const Staging staging = plan_staging(dataset, options, manifest);
    const uint64_t room = free_bytes(options.directory);
    if (staging.bytes() > 0 && staging.bytes() + kSpareBytes > room) {
      log_warning(
          "{} on {}: shards of {} are to be copied there, {} are free; they are read in place, which may be slower. Make room, "
          "or "
          "name another disk in [loader] stage",
          options.directory.string(), host_name(), readable_bytes(staging.bytes()), readable_bytes(room));
      return std::nullopt;
    }
    fs::create_directories(staging.to);
    for (const ShardEntry& shard : staging.missing) copy_shard(staging, shard);
    write_file_atomically(staging.to / kManifestFile, read_file(dataset / kManifestFile));
    log_info("{} of shards copied to {} in {:.0f} s; {} were there already", readable_bytes(staging.bytes()), staging.to.string(),
             monotonic_seconds() - begun, staging.reused);
    return staging.to;
  } catch (const DataError&) {
    throw;
  } catch (const MissingInput&) {
    throw;
  } catch (const std::exception& error) {
    log_warning("shards cannot be copied to {} on {} ({}); they are read in place, which may be slower",
                options.directory.string(), host_name(), error.what());
    return std::nullopt;
  }
}

}  // namespace

fs::path stage_dataset(const fs::path& dataset, const StagingOptions& options, const Communicator& world) {
  if (options.directory.empty()) return dataset;
  const Communicator node = world.split_by_node();
  std::string staged;
  agree(world, [&] {
    if (!node.is_root()) return;
    if (const auto copy = stage_on_this_node(dataset, options, read_manifest(dataset))) staged = copy->string();
  });
  staged = node.broadcast(staged);
  return staged.empty() ? dataset : fs::path(staged);
}

}  // namespace strata
