#include "data/dataset.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace strata {

namespace {

const SplitEntry& split_of(const Manifest& manifest, const std::string& split, const fs::path& directory) {
  const auto found = manifest.splits.find(split);
  if (found != manifest.splits.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, entry] : manifest.splits) names.push_back(name);
  throw MissingInput(fmt::format("dataset {} has no split '{}'; it has {}", directory.string(), split, fmt::join(names, ", ")));
}

ShardReader open_shard(const fs::path& directory, const ShardEntry& entry) {
  const fs::path file = directory / entry.file;
  std::error_code error;
  const uint64_t bytes = fs::file_size(file, error);
  if (error) {
    throw MissingInput(
        fmt::format("shard {} of the dataset is not there ({}); copy the dataset again", file.string(), error.message()));
  }
  if (bytes != entry.bytes) {
    throw DataError(
        fmt::format("shard {} has {} bytes, the manifest says {}: it is cut short or of another dataset; copy the dataset again",
                    file.string(), bytes, entry.bytes));
  }
  ShardReader reader(file);
  if (reader.size() != entry.samples) {
    throw DataError(fmt::format("shard {} has {} samples, the manifest says {}: it is of another dataset; copy the dataset again",
                                file.string(), reader.size(), entry.samples));
  }
  if (!entry.index_sha256.empty() && reader.index_sha256() != entry.index_sha256) {
    throw DataError(fmt::format(
        "shard {} holds other samples than the manifest's (the SHA-256 of its index is another): it was swapped, or is "
        "of another or an older dataset; copy the dataset again (strata-dataset verify names all such shards)",
        file.string()));
  }
  return reader;
}

void warn_of_unbound_shards(const SplitEntry& split, const fs::path& directory) {
  const auto bound = [](const ShardEntry& shard) { return !shard.index_sha256.empty(); };
  if (std::all_of(split.shards.begin(), split.shards.end(), bound)) return;
  log_warning(
      "{} is of an earlier version: of its shards only sizes are compared, and swapped ones of equal size would be used. "
      "strata-dataset verify compares all; converting again makes it unnecessary",
      directory.string());
}

void warn_of_strangers(const Manifest& manifest, const fs::path& directory) {
  std::set<std::string> listed;
  for (const auto& [name, split] : manifest.splits) {
    for (const ShardEntry& shard : split.shards) listed.insert(shard.file);
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".h5" && !listed.contains(name)) {
      log_warning("{} is not in the manifest and is ignored", entry.path().string());
    }
  }
}

}  // namespace

Dataset::Dataset(const fs::path& directory, const std::string& split, const std::vector<std::string>& further)
    : manifest_(read_manifest(directory)), split_(split), first_of_shard_{0} {
  open(directory, split);
  size_ = size_with_further();
  for (const std::string& other : further) open(directory, other);
  warn_of_unbound_shards(manifest_.splits.at(split), directory);
  warn_of_strangers(manifest_, directory);
}

void Dataset::open(const fs::path& directory, const std::string& split) {
  for (const ShardEntry& entry : split_of(manifest_, split, directory).shards) {
    shards_.push_back(open_shard(directory, entry));
    files_.push_back(entry.file);
    const ShardReader& shard = shards_.back();
    if (shard.size() > 0 && shard.sample(0).class_pixels.size() != manifest_.labels.classes.size()) {
      throw DataError(fmt::format("shard {} counts pixels of {} classes, the manifest has {}: it is of another dataset",
                                  entry.file, shard.sample(0).class_pixels.size(), manifest_.labels.classes.size()));
    }
    first_of_shard_.push_back(first_of_shard_.back() + shard.size());
  }
}

size_t Dataset::shard_of(size_t index) const {
  if (index >= size_with_further()) throw InternalError(fmt::format("sample {} of {} was asked for", index, size_with_further()));
  return static_cast<size_t>(std::upper_bound(first_of_shard_.begin(), first_of_shard_.end(), index) - first_of_shard_.begin()) -
         1;
}

const Sample& Dataset::sample(size_t index) const {
  const size_t shard = shard_of(index);
  return shards_[shard].sample(index - first_of_shard_[shard]);
}

const std::string& Dataset::shard_file(size_t index) const { return files_[shard_of(index)]; }

void Dataset::require_labels() const {
  if (manifest_.splits.at(split_).labelled) return;
  throw DataError(fmt::format(
      "split '{}' of the dataset has frames without labels: nothing can be learned from it or measured on it; take another split",
      split_));
}

std::vector<std::byte> Dataset::read_tile(size_t index, const Tile& tile) const {
  return shards_[shard_of(index)].read_tile(tile);
}

}  // namespace strata
