#pragma once
// Reads one shard: its index at construction, tiles by pread afterwards, so any number of threads may read at once though HDF5
// may not.

#include "data/shard.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace strata {

class ShardReader {
 public:
  // Local; takes the process-wide HDF5 lock. FormatError (76) for another format version or a foreign file (links, filters, types
  // not in FORMAT.md), DataError (65) for a damaged index, MissingInput (66) where there is no file.
  explicit ShardReader(const std::filesystem::path& file);
  ~ShardReader();
  ShardReader(ShardReader&&) noexcept;

  size_t size() const;
  const Sample& sample(size_t index) const;
  const std::string& index_sha256() const;  // what the manifest says of the shard that it lists

  // The coded bytes of one tile, CRC checked; DataError names shard, sample and tile. Thread-safe.
  std::vector<std::byte> read_tile(const Tile& tile) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace strata
