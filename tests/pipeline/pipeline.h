#pragma once
// The pipeline as a user runs it, on scenes small enough for seconds.

#include "support/paths.h"

#include <string>

namespace strata::testing {

// "mpirun -n RANKS bin/NAME ", or without mpirun for 0 ranks; as root in a container or not.
std::string program(const std::string& name, int ranks = 0);

// Raw scenes and a dataset made from them, drawn once for all tests of a process.
struct TinyDataset {
  std::filesystem::path raw, data;
};
const TinyDataset& tiny_dataset();

std::filesystem::path tiny_config();
std::string read(const std::filesystem::path& file);

}  // namespace strata::testing
