// A folder of pictures without labels, in it and below it: what a network is to be shown. One split, "test" unless named
// otherwise.

#include "base/error.h"
#include "data/manifest.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

namespace strata {

namespace {

namespace fs = std::filesystem;

LabelSet label_set_named(const std::string& labels) {
  if (labels == "cityscapes") return cityscapes_label_set();
  if (labels == "camvid") return camvid_label_set();
  std::error_code unreadable;
  if (fs::is_directory(labels, unreadable)) return read_manifest(labels).labels;
  throw ConfigError(
      fmt::format("--dataset folder wants --labels, whose classes its frames are to be seen in: cityscapes, camvid, or a dataset "
                  "directory; '{}' is none of them",
                  labels));
}

class Folder : public Layout {
 public:
  explicit Folder(const LayoutOptions& options) : input_(options.input), labels_(label_set_named(options.labels)) {}

  const LabelSet& labels() const override { return labels_; }
  std::vector<std::string> default_splits() const override { return {"test"}; }

  std::vector<SourceSample> samples(const std::string&) const override {
    const fs::path directory = first_directory({input_}, "there is no folder of pictures");
    const FilesByStem found = find_files(directory, picture_suffixes(), kAnyDepth);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no pictures named *.png, *.jpg or *.jpeg", directory.string()));
    return frames_alone(found, "");
  }

 private:
  const fs::path input_;
  const LabelSet labels_;
};

}  // namespace

std::unique_ptr<Layout> make_folder_layout(const LayoutOptions& options) { return std::make_unique<Folder>(options); }

}  // namespace strata
