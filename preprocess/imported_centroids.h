#pragma once
// Class centroids that the reference implementation computed: its JSON files <dataset>_cv<k>_tile<T>.json (reference.md 1.6).

#include "data/label_set.h"
#include "data/shard.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace strata {

// {"<train id>": [[image path, label path, [x, y], train id], ...], ...}; paths are of the machine that wrote it, so images are
// known by their file names alone.
class ImportedCentroids {
 public:
  // DataError for another structure, ids that the label set does not have, and file names that stand for several images.
  ImportedCentroids(const std::filesystem::path& file, const LabelSet& labels);

  // Of the image of this file name; none where the file does not list it. DataError where one lies outside height x width px.
  std::vector<Centroid> of(const std::filesystem::path& image, uint32_t height, uint32_t width) const;
  // Images that it lists.
  size_t images() const { return by_image_.size(); }
  bool lists(const std::filesystem::path& image) const { return by_image_.contains(image.filename().string()); }

 private:
  struct Listed {
    std::string path;
    std::vector<Centroid> centroids;
  };

  std::filesystem::path file_;
  std::map<std::string, Listed> by_image_;  // by file name
};

}  // namespace strata
