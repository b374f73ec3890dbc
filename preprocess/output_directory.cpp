#include "preprocess/output_directory.h"

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_name.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace strata {

namespace {

using Json = nlohmann::json;

constexpr char kUnfinishedFile[] = "unfinished.json";
constexpr int kUnfinishedVersion = 2;

bool holds_only_temporaries(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error) throw_errno(error.value(), "list", directory);
  for (const auto& entry : entries) {
    if (!is_temporary(entry.path())) return false;
  }
  return true;
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw_errno(error.value(), "remove", file);
}

Json options_of(const Manifest& manifest) {
  Json splits = Json::array();
  for (const auto& [name, split] : manifest.splits) splits.push_back(name);
  return {{"dataset", manifest.dataset},
          {"splits", splits},
          {"keep", manifest.keep},
          {"layout_settings", manifest.layout_settings},
          {"tile_size", manifest.tile_size},
          {"tile_rule", manifest.tile_rule},
          {"shard_size_bytes", manifest.shard_size_bytes}};
}

void require_same_options(const Json& begun, const Json& wanted, const fs::path& directory) {
  for (const auto& [key, value] : wanted.items()) {
    if (begun.contains(key) && begun.at(key) == value) continue;
    throw ConfigError(
        fmt::format("{} was made with {} = {}, now it is {}: repeat the options of the first start, or choose another --output",
                    directory.string(), key, begun.value(key, Json()).dump(), value.dump()));
  }
}

void require_all_shards(const Manifest& manifest, const fs::path& directory) {
  for (const auto& [name, split] : manifest.splits) {
    for (const ShardEntry& shard : split.shards) {
      std::error_code error;
      if (fs::file_size(directory / shard.file, error) == shard.bytes && !error) continue;
      throw DataError(
          fmt::format("{} is complete by its manifest, but {} is missing or has another size; remove the directory and convert "
                      "again, or restore "
                      "the file",
                      directory.string(), shard.file));
    }
  }
}

}  // namespace

Json to_json(const FinishedShard& shard) { return {{"fingerprint", shard.fingerprint}, {"entry", to_json(shard.entry)}}; }

FinishedShard finished_from_json(const Json& json) {
  return {json.at("fingerprint").get<std::string>(), split_from_json(json.at("entry"))};
}

OutputDirectory::OutputDirectory(const fs::path& directory, const Manifest& wanted) : directory_(directory), wanted_(wanted) {
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status))
    throw CannotCreate(fmt::format("--output {} exists and is no directory; choose another", directory.string()));
  if (fs::exists(directory / kManifestFile)) {
    found_ = Found::kComplete;
    const Manifest found = read_manifest(directory);
    require_same_options(options_of(found), options_of(wanted), directory);
    if (found.source_sha256 != wanted.source_sha256) {
      throw CannotCreate(fmt::format(
          "{} holds a complete dataset made from other files (names or sizes differ); choose another --output or remove it",
          directory.string()));
    }
    require_all_shards(found, directory);
  } else if (fs::exists(directory / kUnfinishedFile)) {
    found_ = Found::kUnfinished;
    load_unfinished();
  } else if (!holds_only_temporaries(directory)) {
    throw CannotCreate(
        fmt::format("--output {} holds files that are not of an unfinished conversion; choose an empty or new directory",
                    directory.string()));
  }
}

void OutputDirectory::load_unfinished() {
  const fs::path file = directory_ / kUnfinishedFile;
  try {
    const Json json = Json::parse(read_text_file(file));
    if (json.at("format_version") != kUnfinishedVersion) {
      throw FormatError(fmt::format("{} is of another version of this program; use that one or another --output", file.string()));
    }
    require_same_options(json.at("options"), options_of(wanted_), directory_);
    for (const Json& shard : json.at("shards")) {
      FinishedShard finished = finished_from_json(shard);
      const ShardEntry& entry = finished.entry.shards.at(0);
      std::error_code error;
      if (fs::file_size(directory_ / entry.file, error) == entry.bytes && !error)
        finished_[finished.fingerprint] = std::move(finished);
    }
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{} is damaged ({}); remove the directory and start again", file.string(), error.what()));
  }
}

void OutputDirectory::write_unfinished() const {
  Json shards = Json::array();
  for (const auto& [fingerprint, shard] : finished_) shards.push_back(to_json(shard));
  const Json json{{"format_version", kUnfinishedVersion}, {"options", options_of(wanted_)}, {"shards", shards}};
  write_file_atomically(directory_ / kUnfinishedFile, std::string_view(json.dump(1) + "\n"));
}

void OutputDirectory::begin(const Plan& plan) {
  require_writable_directory(directory_);
  std::set<std::string> wanted;
  for (const PlannedShard& shard : plan.shards) wanted.insert(shard.fingerprint);
  std::erase_if(finished_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  std::set<std::string> kept;
  for (const auto& [fingerprint, shard] : finished_) kept.insert(shard.entry.shards[0].file);
  for (const auto& entry : fs::directory_iterator(directory_)) {
    const bool stale_shard = entry.path().extension() == ".h5" && !kept.contains(entry.path().filename().string());
    if (stale_shard || is_temporary(entry.path())) remove_file(entry.path());
  }
  write_unfinished();
}

void OutputDirectory::tidy() {
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (is_temporary(entry.path()) || entry.path().filename() == kUnfinishedFile) remove_file(entry.path());
  }
}

void OutputDirectory::forget(const std::string& fingerprint) {
  const auto found = finished_.find(fingerprint);
  if (found == finished_.end()) return;
  remove_file(directory_ / found->second.entry.shards[0].file);
  finished_.erase(found);
}

void OutputDirectory::record(const FinishedShard& shard) {
  finished_[shard.fingerprint] = shard;
  write_unfinished();
}

void OutputDirectory::complete(const Manifest& manifest) {
  write_manifest(manifest, directory_);
  tidy();
  sync_directory(directory_);
}

}  // namespace strata
