#pragma once
// A dataset directory of a few small samples, made by rule: smooth frames, and labels with one disc each.

#include "data/dataset.h"
#include "image/image.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace strata::testing {

// Raw ids 0, 10, 20 are classes 0 (ground), 1, 2 (discs); raw id 30 is ignored; others are unknown.
inline constexpr uint8_t kRawIds[] = {0, 10, 20, 30};
inline constexpr int kDiscRadius = 9;  // px

struct SmallDatasetOptions {
  size_t samples = 12;
  int height = 72, width = 100;  // px; every third sample is a little higher and narrower
  int tile = 40;                 // px
  size_t samples_of_a_shard = 5;
};

// What was written, to compare with.
struct SmallDataset {
  std::filesystem::path directory;
  std::vector<Image> frames;
  std::vector<Image> raw_labels;

  std::shared_ptr<const Dataset> open() const { return std::make_shared<const Dataset>(directory, "train"); }
};

// Sample i is called "town/i"; its disc is of class 1 + i mod 2, and its centroid is the disc's centre.
SmallDataset write_small_dataset(const std::filesystem::path& directory, const SmallDatasetOptions& options = {});

// Flips a byte in the middle of a tile's coded bytes, on disk.
void damage_tile(const Dataset& dataset, const std::filesystem::path& directory, size_t sample, const Tile& tile);

}  // namespace strata::testing
