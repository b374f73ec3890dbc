#pragma once
// Small shards to test with. The "coded" bytes are noise: the data layer does not decode.

#include "data/manifest.h"
#include "data/shard.h"
#include "data/shard_writer.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace strata::testing {

struct CodedSample {
  Sample sample;
  std::vector<std::byte> coded;
};

// 3 classes; 2 frame tiles beside each other and 2 label tiles of `tile_bytes` noise each; `number` makes name, noise and
// centroids differ.
CodedSample noise_sample(int number, uint32_t tile_bytes = 100);

// A shard of such samples.
ShardEntry write_noise_shard(const std::filesystem::path& file, int first, int count, uint32_t tile_bytes = 100);

// A dataset directory: split "train" of two shards (3 and 2 samples), split "val" of one (1 sample).
Manifest write_noise_dataset(const std::filesystem::path& directory);

}  // namespace strata::testing
