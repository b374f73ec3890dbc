#pragma once
// A page of samples to look at.

#include "loader/augment.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace strata {

struct SheetOptions {
  std::filesystem::path data = {};  // dataset directory
  std::string split = "train";
  uint64_t count = 24;  // samples, drawn by the seed; larger: a larger page
  uint64_t seed = 0;
  int side = 320;                                                    // px of a picture's long edge
  AugmentOptions augment = {.crop_height = 512, .crop_width = 512};  // of the augmented crop beside each sample
};

// Local. One HTML page without other files: per sample the frame, its labels in the label set's colours over it, and an augmented
// crop with its labels, around a class centroid where it has one; then the colours. A pure function of its arguments. Throws as
// Dataset, ConfigError for options out of range.
std::string contact_sheet(const SheetOptions& options);

}  // namespace strata
