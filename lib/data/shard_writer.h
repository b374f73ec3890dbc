#pragma once
// Writes one shard: add samples in order, then finish; or let go, and nothing is left.

#include "data/manifest.h"
#include "data/shard.h"

#include <filesystem>
#include <memory>
#include <span>

namespace strata {

class ShardWriter {
 public:
  // Writes to a temporary name beside `target`. `num_classes` fixes the width of class_pixels.
  ShardWriter(const std::filesystem::path& target, int num_classes);
  ~ShardWriter();  // without finish(): removes the temporary file

  // `coded`: the tiles' bytes, one after the other in the order of sample.tiles. Offsets and CRCs are filled in here.
  void add(const Sample& sample, std::span<const std::byte> coded);

  // Writes the index, closes, syncs, reopens and checks, renames to the target. The same samples give the same bytes. What the
  // manifest is to say of the shard.
  ShardEntry finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace strata
