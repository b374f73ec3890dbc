// Cityscapes: <split>/<city>/<stem>_leftImg8bit.png beside <split>/<city>/<stem>_gtFine_labelIds.png, as its archives unpack:
// each into a folder of its own, or all into one. Splits: train and val (official or of a cross-validation), test (no labels),
// train_extra (coarse labels, or a network's).

#include "base/error.h"
#include "preprocess/auto_labels.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace strata {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFrameEnding = "_leftImg8bit";
constexpr int kFolds = 3;

// Where one kind of file lies: the archive's folder, the folder in it, and what names end in.
struct Archive {
  const char* archive;
  const char* folder;
  const char* ending;
};
constexpr Archive kFrames = {"leftImg8bit_trainvaltest", "leftImg8bit", "_leftImg8bit.png"};
constexpr Archive kExtraFrames = {"leftImg8bit_trainextra", "leftImg8bit", "_leftImg8bit.png"};
constexpr Archive kFine = {"gtFine_trainvaltest", "gtFine", "_gtFine_labelIds.png"};
constexpr Archive kCoarse = {"gtCoarse", "gtCoarse", "_gtCoarse_labelIds.png"};

std::set<std::string> cities_of(const FilesByStem& files) {
  std::set<std::string> cities;
  for (const auto& [stem, file] : files) cities.insert(stem.substr(0, stem.find('/')));
  return cities;
}

class Cityscapes : public Layout {
 public:
  explicit Cityscapes(const LayoutOptions& options) : input_(options.input), cv_(options.cv) {
    if (cv_ < 0 || cv_ > kFolds) throw ConfigError(fmt::format("--cv {} is not one of 0, 1, 2, 3", cv_));
    if (!options.auto_labels.directory.empty()) auto_labels_.emplace(options.auto_labels, labels_);
  }

  const LabelSet& labels() const override { return labels_; }

  std::vector<SourceSample> samples(const std::string& split) const override {
    if (split == "test") return frames_alone(find(kFrames, "test"), kFrameEnding);
    if (split == "train_extra") return extra_samples();
    if (cv_ == 0 || (split != "train" && split != "val")) return official(split);
    return of_fold(split);
  }

  Image read_labels(const SourceSample& sample) const override {
    return sample.label_parts.empty() ? Layout::read_labels(sample) : auto_labels_->read(sample);
  }

  std::map<std::string, std::string> settings() const override {
    std::map<std::string, std::string> settings;
    if (auto_labels_) settings = auto_labels_->settings();
    if (cv_ != 0) settings["cv"] = std::to_string(cv_);
    return settings;
  }

 private:
  FilesByStem find(const Archive& kind, const std::string& split) const {
    const fs::path directory =
        first_directory({input_ / kind.archive / kind.folder / split, input_ / kind.folder / split},
                        fmt::format("{} has no split '{}' in the Cityscapes layout", input_.string(), split));
    FilesByStem found = find_files(directory, {kind.ending}, 2);
    if (found.empty()) throw MissingInput(fmt::format("{} holds no files named <city>/*{}", directory.string(), kind.ending));
    return found;
  }

  std::vector<SourceSample> official(const std::string& split) const {
    return pair_files(find(kFrames, split), find(kFine, split), kFrameEnding);
  }

  // The reference's cross-validation: the cities of val, then those of train; a third of the list further on for each fold begin
  // as many cities as val has. Fold 3: all frames in both roles.
  std::vector<SourceSample> of_fold(const std::string& split) const {
    FilesByStem frames = find(kFrames, "val"), labels = find(kFine, "val");
    const std::set<std::string> val = cities_of(frames);
    frames.merge(find(kFrames, "train"));
    labels.merge(find(kFine, "train"));
    if (cv_ == kFolds) return pair_files(frames, labels, kFrameEnding);
    std::vector<std::string> cities(val.begin(), val.end());
    for (const std::string& city : cities_of(frames)) {
      if (!val.contains(city)) cities.push_back(city);
    }
    const auto first = cities.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(cv_) * cities.size() / kFolds);
    const auto last = first + std::min<ptrdiff_t>(static_cast<ptrdiff_t>(val.size()), cities.end() - first);
    const auto elsewhere = [&](const auto& file) {
      const bool held_out = std::find(first, last, file.first.substr(0, file.first.find('/'))) != last;
      return held_out != (split == "val");
    };
    std::erase_if(frames, elsewhere);
    std::erase_if(labels, elsewhere);
    return pair_files(frames, labels, kFrameEnding);
  }

  std::vector<SourceSample> extra_samples() const {
    const FilesByStem frames = find(kExtraFrames, "train_extra");
    const std::vector<SourceSample> coarse = pair_files(frames, find(kCoarse, "train_extra"), kFrameEnding);
    return auto_labels_ ? auto_labels_->samples(coarse) : coarse;
  }

  const fs::path input_;
  const int cv_;
  const LabelSet labels_ = cityscapes_label_set();
  std::optional<AutoLabels> auto_labels_;
};

}  // namespace

std::unique_ptr<Layout> make_cityscapes_layout(const LayoutOptions& options) { return std::make_unique<Cityscapes>(options); }

}  // namespace strata
