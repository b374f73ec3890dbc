#pragma once
// How a raw dataset lies on disk: one adapter per layout (cityscapes.cpp, camvid.cpp) gives the frames of a split with their
// label files.

#include "data/label_set.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace strata {

// One frame of the raw dataset and its labels.
struct SourceSample {
  std::string name;  // the frame's path below its split, without ".png": unique in the split
  std::filesystem::path frame;
  std::filesystem::path labels;
  uint64_t frame_bytes = 0;
  uint64_t label_bytes = 0;

  uint64_t bytes() const { return frame_bytes + label_bytes; }
};

class Layout {
 public:
  virtual ~Layout() = default;
  virtual LabelSet labels() const = 0;
  // Local. All samples of a split, sorted by name (bytes), never in the order of the file system. MissingInput where the
  // directory, the split or any frame in it is not there, naming what was looked for; DataError listing frames without labels.
  virtual std::vector<SourceSample> samples(const std::filesystem::path& input, const std::string& split) const = 0;
};

// ConfigError naming the known ones for another name.
std::unique_ptr<Layout> make_layout(const std::string& dataset);

std::unique_ptr<Layout> make_cityscapes_layout();
std::unique_ptr<Layout> make_camvid_layout();

}  // namespace strata
