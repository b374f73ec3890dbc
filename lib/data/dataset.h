#pragma once
// One split of a dataset directory: samples by index 0..size()-1 in the manifest's order, whatever shard they lie in.

#include "data/manifest.h"
#include "data/shard_reader.h"

#include <memory>

namespace strata {

class Dataset {
 public:
  // Opens the manifest and every shard's index. MissingInput for a missing directory, split (names those there are) or shard;
  // DataError where a shard's size, sample count or index is not the manifest's, so that none of another dataset or place is
  // used; a file named like a shard that the manifest does not list is warned of and ignored. Every tile's CRC, which the index
  // holds, is checked on each read; whole files are hashed by strata-dataset verify alone.
  //
  // `further`: splits whose samples follow those of `split`, from index size() on: drawn from in training, never counted.
  Dataset(const std::filesystem::path& directory, const std::string& split, const std::vector<std::string>& further = {});

  size_t size() const { return size_; }  // samples of `split`
  size_t size_with_further() const { return first_of_shard_.back(); }
  const Sample& sample(size_t index) const;
  // Thread-safe. `tile` must be one of sample(index).tiles.
  std::vector<std::byte> read_tile(size_t index, const Tile& tile) const;

  // Name of the shard that holds the sample.
  const std::string& shard_file(size_t index) const;
  // DataError where the split has frames alone: nothing can be learned from them or measured on them.
  void require_labels() const;

  const Manifest& manifest() const { return manifest_; }
  const LabelSet& labels() const { return manifest_.labels; }
  const std::string& split() const { return split_; }

 private:
  Manifest manifest_;
  std::string split_;
  size_t shard_of(size_t index) const;
  void open(const std::filesystem::path& directory, const std::string& split);

  std::vector<ShardReader> shards_;
  std::vector<std::string> files_;      // of the shards
  std::vector<size_t> first_of_shard_;  // one more than shards: the last is their number
  size_t size_ = 0;
};

}  // namespace strata
