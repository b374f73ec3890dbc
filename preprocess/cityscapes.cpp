// Cityscapes: <split>/<city>/<stem>_leftImg8bit.png beside <split>/<city>/<stem>_gtFine_labelIds.png, as its archives unpack:
// each into a folder of its own, or both into one.

#include "base/error.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

namespace strata {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFrameEnding = "_leftImg8bit";

fs::path find_split(const fs::path& input, const std::string& archive, const std::string& folder, const std::string& split) {
  const fs::path candidates[] = {input / archive / folder / split, input / folder / split};
  std::error_code unreadable;
  for (const fs::path& candidate : candidates) {
    if (fs::is_directory(candidate, unreadable)) return candidate;
  }
  throw MissingInput(fmt::format("{} has no split '{}' in the Cityscapes layout: looked for {} and {}", input.string(), split,
                                 candidates[0].string(), candidates[1].string()));
}

class Cityscapes : public Layout {
 public:
  LabelSet labels() const override { return cityscapes_label_set(); }

  std::vector<SourceSample> samples(const fs::path& input, const std::string& split) const override {
    const fs::path frames = find_split(input, "leftImg8bit_trainvaltest", "leftImg8bit", split);
    const fs::path labels = find_split(input, "gtFine_trainvaltest", "gtFine", split);
    const FilesByStem found = find_files(frames, std::string(kFrameEnding) + ".png", 2);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no frames named <city>/*{}.png", frames.string(), kFrameEnding));
    return pair_files(found, find_files(labels, "_gtFine_labelIds.png", 2), kFrameEnding);
  }
};

}  // namespace

std::unique_ptr<Layout> make_cityscapes_layout() { return std::make_unique<Cityscapes>(); }

}  // namespace strata
