#pragma once
// What the loader hands to training and evaluation.

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct Batch {
  torch::Tensor images_NCHW;        // uint8 RGB in channels-last memory; normalise() makes it the network's input on its device
  torch::Tensor labels_NHW;         // int64 train ids, ignore_id where not counted
  std::vector<uint64_t> positions;  // position in the epoch of each sample: the key of its dropout
  std::vector<uint32_t> samples;    // index in the split
  std::vector<std::string> names;
};

}  // namespace strata
