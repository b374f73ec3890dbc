// Any bytes as a shard: an Error, or samples whose tiles can be read.

#include "base/error.h"
#include "data/shard_reader.h"
#include "fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace strata;
  try {
    const ShardReader shard(fuzz::as_file("train-00000.h5", bytes, size));
    for (size_t i = 0; i < shard.size(); ++i) {
      for (const Tile& tile : shard.sample(i).tiles) shard.read_tile(tile);
    }
  } catch (const Error&) {
  }
  return 0;
}
