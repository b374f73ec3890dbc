#pragma once
// One generation: a folder whose MANIFEST.json proves every byte of it.
//
//   gen-000042/model.safetensors      parameters and buffers under the network's names
//             optimizer.safetensors   momenta and the like, averaged weights
//             state.json              the rest
//             MANIFEST.json           format version, generation, size and SHA-256 of each file, SHA-256 of itself

#include "base/error.h"
#include "training/checkpoint_store.h"

#include <filesystem>

namespace strata {

inline constexpr int kGenerationFormat = 1;

// A generation of a later format: older ones must not be used in its place.
class NewerFormat : public FormatError {
 public:
  using FormatError::FormatError;
};

// Writes and syncs the files and the folder, which must exist and be empty.
void write_generation(const Checkpoint& checkpoint, const std::filesystem::path& directory);

// Throws FormatError where any bit of the folder is not as it was written (also where it was renamed to another number),
// NewerFormat, IoError, MissingInput.
void verify_generation(const std::filesystem::path& directory, uint64_t generation);
// As verify_generation, and gives the content.
Checkpoint read_generation(const std::filesystem::path& directory, uint64_t generation);

// What write_generation will write of tensors.
uint64_t tensor_bytes(const Checkpoint& checkpoint);

}  // namespace strata
