// Any bytes as the MANIFEST.json of a checkpoint, as they are and under a valid seal: an Error, or the generation that was
// written.

#include "base/error.h"
#include "base/sha256.h"
#include "fuzz/input_file.h"
#include "training/generation.h"

#include <cstdlib>
#include <optional>
#include <string>

namespace {

using namespace strata;

constexpr uint64_t kGeneration = 42;
constexpr char kManifest[] = "MANIFEST.json";
constexpr size_t kMostSealedBytes = 4'000;  // sealing a deep one is slow, and not under test

Checkpoint small_checkpoint() {
  return {.generation = kGeneration,
          .model = {.tensors = {{"head.weight", torch::tensor({0.5F, -1.0F})}}, .metadata = {}},
          .optimizer = {.tensors = {{"head.weight.momentum", torch::zeros({2})}}, .metadata = {}},
          .state = {{"step", 7}, {"validated_step", 0}, {"best", nullptr}}};
}

void read_with_manifest(const std::string& text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const std::filesystem::path directory = fuzz::as_file(kManifest, bytes, text.size()).parent_path();
  try {
    const Checkpoint read = read_generation(directory, kGeneration);
    if (read.generation != kGeneration || read.state != small_checkpoint().state) std::abort();
  } catch (const Error&) {
  }
}

// What a hostile writer would make of it (training/CHECKPOINT_FORMAT.md); nothing where it is no object.
std::optional<std::string> sealed(const std::string& text) {
  try {
    nlohmann::ordered_json manifest = nlohmann::ordered_json::parse(text);
    if (!manifest.is_object()) return std::nullopt;
    manifest.erase("sha256");
    manifest["sha256"] = sha256_of(manifest.dump(1));
    return manifest.dump(1) + "\n";
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const bool written = [] {
    write_generation(small_checkpoint(), fuzz::as_file(kManifest, nullptr, 0).parent_path());
    return true;
  }();
  const std::string text(reinterpret_cast<const char*>(bytes), written ? size : 0);
  read_with_manifest(text);
  if (size > kMostSealedBytes) return 0;
  if (const auto hostile = sealed(text)) read_with_manifest(*hostile);
  return 0;
}
