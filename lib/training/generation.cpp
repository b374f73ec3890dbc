#include "training/generation.h"

#include "base/files.h"
#include "base/sha256.h"

#include <fmt/format.h>

#include <array>
#include <future>
#include <utility>

namespace strata {
namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kStateFile = "state.json";
constexpr const char* kManifestFile = "MANIFEST.json";
constexpr std::array kContentFiles = {kModelFile, kOptimizerFile, kStateFile};

// The manifest's text. The last key is the SHA-256 of the text without it, so one form only is valid and every flipped bit shows.
std::string sealed(nlohmann::ordered_json manifest) {
  manifest.erase("sha256");
  manifest["sha256"] = sha256_of(manifest.dump(1));
  return manifest.dump(1) + "\n";
}

nlohmann::ordered_json parse_manifest(const fs::path& file) {
  constexpr int kMaximumDepth = 3;  // dump() recurses
  const auto watch = [&](int depth, nlohmann::ordered_json::parse_event_t, nlohmann::ordered_json&) {
    if (depth > kMaximumDepth) throw FormatError(fmt::format("{} is damaged: no manifest is nested so deeply", file.string()));
    return true;
  };
  const std::string text = read_text_file(file);
  nlohmann::ordered_json manifest = nlohmann::ordered_json::parse(text, watch, /*allow_exceptions=*/false);
  bool genuine = false;
  try {
    genuine = manifest.is_object() && sealed(manifest) == text;
  } catch (const nlohmann::json::exception&) {  // dump() of invalid UTF-8
  }
  if (!genuine) throw FormatError(fmt::format("{} is damaged: its SHA-256 is not the one it carries", file.string()));
  return manifest;
}

void check_format(const nlohmann::ordered_json& manifest, const fs::path& directory) {
  const int format = manifest.at("format").get<int>();
  if (format > kGenerationFormat) {
    throw NewerFormat(
        fmt::format("{} was written in checkpoint format {}, this build reads up to {}: continue with the newer Strata",
                    directory.string(), format, kGenerationFormat));
  }
}

void check_size(const nlohmann::ordered_json& entry, const fs::path& file) {
  const auto bytes = entry.at("bytes").get<uint64_t>();
  std::error_code error;
  const uint64_t found = fs::file_size(file, error);
  if (error) throw FormatError(fmt::format("{}: {}", file.string(), error.message()));
  if (found != bytes) throw FormatError(fmt::format("{} has {} bytes instead of {}", file.string(), found, bytes));
}

void check_digest(const nlohmann::ordered_json& entry, const fs::path& file, const std::string& sha256) {
  if (sha256 != entry.at("sha256").get<std::string>()) {
    throw FormatError(fmt::format("{} is damaged: its SHA-256 is not the manifest's", file.string()));
  }
}

// What the manifest says of each file, every one of which has its size.
nlohmann::ordered_json files_of(const fs::path& directory, uint64_t generation) {
  const nlohmann::ordered_json manifest = parse_manifest(directory / kManifestFile);
  check_format(manifest, directory);
  if (manifest.at("generation").get<uint64_t>() != generation) {
    throw FormatError(
        fmt::format("{} holds generation {}: it was renamed", directory.string(), manifest.at("generation").dump()));
  }
  const nlohmann::ordered_json& files = manifest.at("files");
  for (const char* file : kContentFiles) check_size(files.at(file), directory / file);
  return files;
}

NamedTensors read_tensors(const nlohmann::ordered_json& entry, const fs::path& file) {
  Sha256 digest;
  NamedTensors content = read_safetensors(file, digest);
  check_digest(entry, file, digest.finish());
  return content;
}

nlohmann::json read_state(const nlohmann::ordered_json& entry, const fs::path& file) {
  const std::string text = read_text_file(file);
  check_digest(entry, file, sha256_of(text));
  nlohmann::json state = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (state.is_discarded()) {
    throw FormatError(
        fmt::format("{} is no JSON, though it has the SHA-256 of the manifest: something else wrote both", file.string()));
  }
  return state;
}

// Calls `use(files_of(...))`; a manifest that says something else than it should is damaged, too.
template <typename Use>
auto with_files(const fs::path& directory, uint64_t generation, Use use) {
  try {
    return use(files_of(directory, generation));
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: {}", (directory / kManifestFile).string(), e.what()));
  }
}

}  // namespace

void write_generation(const Checkpoint& checkpoint, const fs::path& directory) {
  const std::string state = checkpoint.state.dump(1) + "\n";
  const std::pair<const char*, std::string> written[] = {
      {kModelFile, write_safetensors(checkpoint.model, directory / kModelFile)},
      {kOptimizerFile, write_safetensors(checkpoint.optimizer, directory / kOptimizerFile)},
      {kStateFile, sha256_of(state)}};
  write_file_atomically(directory / kStateFile, state);
  nlohmann::ordered_json manifest = {{"format", kGenerationFormat}, {"generation", checkpoint.generation}};
  for (const auto& [file, sha256] : written) {
    manifest["files"][file] = {{"bytes", fs::file_size(directory / file)}, {"sha256", sha256}};
  }
  write_file_atomically(directory / kManifestFile, sealed(manifest));
}

void verify_generation(const fs::path& directory, uint64_t generation) {
  with_files(directory, generation, [&](const nlohmann::ordered_json& files) {
    for (const char* file : kContentFiles) check_digest(files.at(file), directory / file, sha256_of_file(directory / file));
  });
}

Checkpoint read_generation(const fs::path& directory, uint64_t generation) {
  return with_files(directory, generation, [&](const nlohmann::ordered_json& files) {
    // Hashing takes longer than reading; two threads do it in half the time.
    auto optimizer =
        std::async(std::launch::async, [&] { return read_tensors(files.at(kOptimizerFile), directory / kOptimizerFile); });
    Checkpoint checkpoint;
    checkpoint.generation = generation;
    checkpoint.model = read_tensors(files.at(kModelFile), directory / kModelFile);
    checkpoint.state = read_state(files.at(kStateFile), directory / kStateFile);
    checkpoint.optimizer = optimizer.get();
    return checkpoint;
  });
}

uint64_t tensor_bytes(const Checkpoint& checkpoint) {
  uint64_t bytes = 0;
  for (const NamedTensors* content : {&checkpoint.model, &checkpoint.optimizer}) {
    for (const auto& [name, tensor] : content->tensors) bytes += tensor.nbytes();
  }
  return bytes;
}

}  // namespace strata
