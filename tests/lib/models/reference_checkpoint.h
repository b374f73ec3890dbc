#pragma once
// A network's state as the reference's last_checkpoint_ep*.pth has it.

#include "models/safetensors.h"

#include <string>

namespace strata::testing {

struct ReferenceCheckpoint {
  int64_t epoch = 0;          // the last complete one, counted from 0
  NamedTensors state;         // float32 and int64, contiguous; "module." is put before the names
  NamedTensors momenta = {};  // "momentum.NAME" of every parameter, or none
};
// The bytes of the file (zip form).
std::string reference_checkpoint(const ReferenceCheckpoint& checkpoint);

}  // namespace strata::testing
