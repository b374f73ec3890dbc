// CamVid with 11 classes: frames in <split>/, label ids under the same file names in <split>annot/.

#include "base/error.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

namespace strata {

namespace {

namespace fs = std::filesystem;

class Camvid : public Layout {
 public:
  LabelSet labels() const override { return camvid_label_set(); }

  std::vector<SourceSample> samples(const fs::path& input, const std::string& split) const override {
    const fs::path frames = input / split, labels = input / (split + "annot");
    std::error_code unreadable;
    for (const fs::path& directory : {frames, labels}) {
      if (!fs::is_directory(directory, unreadable)) {
        throw MissingInput(
            fmt::format("{} has no split '{}' in the CamVid layout: {} is not there", input.string(), split, directory.string()));
      }
    }
    const FilesByStem found = find_files(frames, ".png", 1);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no frames named *.png", frames.string()));
    return pair_files(found, find_files(labels, ".png", 1), "");
  }
};

}  // namespace

std::unique_ptr<Layout> make_camvid_layout() { return std::make_unique<Camvid>(); }

}  // namespace strata
