#pragma once
// A dataset directory made of coded pictures as they are: split "val" in one shard, a tile a picture.

#include "data/label_set.h"
#include "data/shard_writer.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace strata::testing {

class OneShardDataset {
 public:
  OneShardDataset(const std::filesystem::path& directory, const LabelSet& labels);

  // PNG or JPEG, and PNG of raw label ids, of one size.
  void add(const std::string& name, const std::vector<std::byte>& frame, const std::vector<std::byte>& labels);
  // Writes shard and manifest.
  void finish();

 private:
  std::filesystem::path directory_;
  LabelSet labels_;
  ShardWriter writer_;
};

}  // namespace strata::testing
