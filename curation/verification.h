#pragma once
// Every byte of a dataset directory against what the manifest and the shards say of it.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata {

struct Verification {
  uint64_t shards = 0, samples = 0;   // looked at
  std::vector<std::string> problems;  // each names shard and, where it is one sample's, the sample
};

// Local; `threads` decode at once. Size and SHA-256 of every shard, then of every sample: each tile's checksum, that it decodes
// to the size the index needs, that its labels are known ids, and that pixels by class are those of the index; last that the
// manifest's sums are those of the samples. Goes on after a problem. MissingInput and FormatError where there is no manifest that
// can be read; whatever is wrong with shards is a problem.
Verification verify_dataset(const std::filesystem::path& directory, int threads);

}  // namespace strata
