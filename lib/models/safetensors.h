#pragma once
// The .safetensors format: u64 header length, JSON header, raw little-endian data. Hostile files are refused with a reason.

#include <torch/nn/module.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace strata {

class Sha256;

// Tensors and their names, which are unique. In file order after reading, in module order from state_of().
struct NamedTensors {
  std::vector<std::pair<std::string, torch::Tensor>> tensors;
  std::map<std::string, std::string> metadata;  // header's __metadata__

  const torch::Tensor* find(const std::string& name) const;  // nullptr where there is none
};

// Contiguous CPU copies are written; the same content in the same order gives the same bytes. The data section holds wide types
// before narrow ones (so that every tensor is aligned, which PyTorch's reader wants) and else keeps the caller's order; the
// header's keys are sorted. Gives the SHA-256 of what was handed to the file. Atomic (temporary name, sync, rename). Local.
// CannotCreate, IoError; InternalError for a type unknown to the format or a repeated name.
std::string write_safetensors(const NamedTensors& content, const std::filesystem::path& file);

// CPU tensors with memory of their own. FormatError for anything not exactly in the format (header over 100 MB, not JSON,
// repeated keys, unknown fields or types, sizes that overflow or disagree, overlaps, gaps, bytes left over); MissingInput;
// IoError. Local.
NamedTensors read_safetensors(const std::filesystem::path& file);
// The same; `digest` takes every byte of the file in the same pass.
NamedTensors read_safetensors(const std::filesystem::path& file, Sha256& digest);

// Parameters and buffers of a module under their registered names, in module order; they share the module's memory.
NamedTensors state_of(const torch::nn::Module& module);
// Strict: every tensor must be there with its shape, and no other; FormatError lists the first five of each kind, and the module
// is untouched then. Types are converted to the module's.
void load_state(torch::nn::Module& module, const NamedTensors& state);

}  // namespace strata
