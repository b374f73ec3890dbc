// CamVid with 11 classes: frames in <split>/, label ids under the same file names in <split>annot/.

#include "base/error.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

namespace strata {

namespace {

namespace fs = std::filesystem;

class Camvid : public Layout {
 public:
  explicit Camvid(fs::path input) : input_(std::move(input)) {}

  const LabelSet& labels() const override { return labels_; }

  std::vector<SourceSample> samples(const std::string& split) const override {
    const std::string what = fmt::format("{} has no split '{}' in the CamVid layout", input_.string(), split);
    const fs::path frames = first_directory({input_ / split}, what), labels = first_directory({input_ / (split + "annot")}, what);
    const FilesByStem found = find_files(frames, {".png"}, 1);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no frames named *.png", frames.string()));
    return pair_files(found, find_files(labels, {".png"}, 1), "");
  }

 private:
  const fs::path input_;
  const LabelSet labels_ = camvid_label_set();
};

}  // namespace

std::unique_ptr<Layout> make_camvid_layout(const LayoutOptions& options) { return std::make_unique<Camvid>(options.input); }

}  // namespace strata
