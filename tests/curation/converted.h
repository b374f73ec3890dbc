#pragma once
// A small dataset directory made by the conversion itself.

#include "preprocess/conversion.h"
#include "preprocess/raw_layout.h"

namespace strata::testing {

// CamVid-like, split train of `frames`, several shards. Gives the conversion's options.
inline ConversionOptions convert_camvid_like(const std::filesystem::path& folder, int frames,
                                             const std::string& keep = "pixels") {
  write_camvid_like(folder / "raw", {.train = frames, .val = 2});
  ConversionOptions options;
  options.dataset = "camvid";
  options.input = folder / "raw";
  options.output = folder / "data";
  options.tile_size = 64;
  options.shard_size_bytes = 50'000;
  options.keep = keep;
  convert(options, Communicator(), StopConditions({}, Communicator()));
  return options;
}

}  // namespace strata::testing
