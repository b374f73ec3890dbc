#pragma once
// A smaller dataset with the classes of the whole.

#include "data/manifest.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace strata {

struct SubsetOptions {
  std::filesystem::path data = {};    // dataset directory
  std::filesystem::path output = {};  // new dataset directory
  std::string split = "train";        // to choose from; the others are copied whole
  double share = 0;                   // of its samples, 0 to 1
  uint64_t count = 0;                 // or their number; one of both is given
  uint64_t seed = 0;                  // another seed, another choice
};

struct Subset {
  SplitEntry before, after;  // of the split
  Manifest manifest;         // of the new directory
};

// Local. Coded tiles are copied as they are. The same options give the same bytes. ConfigError for a share or count that cannot
// be had, CannotCreate for a directory that holds something; throws as Dataset for what is wrong with `data`. Killed, it leaves a
// directory without manifest that a rerun refuses.
Subset make_subset(const SubsetOptions& options);

// Per class: images and share of pixels before and after.
std::string balance_text(const Subset& subset);

}  // namespace strata
