#include "curation/extraction.h"

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "data/dataset.h"
#include "data/sample_name.h"
#include "image/codec.h"
#include "loader/frame_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace strata {

namespace {

constexpr int kZlibLevel = 3;

// The one tile of this kind that covers the sample: a file's original bytes.
const Tile* whole_file(const Sample& sample, TileKind kind) {
  for (const Tile& tile : sample.tiles) {
    if (tile.kind == kind && tile.height == sample.height && tile.width == sample.width && tile.margin_y + tile.margin_x == 0)
      return &tile;
  }
  return nullptr;
}

class Extractor {
 public:
  explicit Extractor(const ExtractionOptions& options) : options_(options), manifest_(read_manifest(options.data)) {}

  Extraction run() {
    require_room();
    std::vector<std::string> splits = options_.splits;
    if (splits.empty()) {
      for (const auto& [name, split] : manifest_.splits) splits.push_back(name);
    }
    result_.original = manifest_.keep == "original";
    for (const std::string& split : splits) extract_split(split);
    if (!options_.names.empty() && result_.samples == 0)
      throw MissingInput(fmt::format("no sample of {} is called {}", fmt::join(splits, ", "), fmt::join(options_.names, " or ")));
    write_file_atomically(options_.output / "dataset.ini", description());
    return result_;
  }

 private:
  void require_room() const {
    require_writable_directory(options_.output);
    if (!fs::is_empty(options_.output))
      throw CannotCreate(fmt::format("{} holds files already; choose a new folder", options_.output.string()));
  }

  void extract_split(const std::string& split) {
    const Dataset dataset(options_.data, split);
    const std::set<std::string> wanted(options_.names.begin(), options_.names.end());
    Progress progress({"extract " + split, "samples", wanted.empty() ? dataset.size() : wanted.size()});
    uint64_t done = 0;
    for (size_t i = 0; i < dataset.size(); ++i) {
      const Sample& sample = dataset.sample(i);
      if (!wanted.empty() && !wanted.contains(sample.name)) continue;
      if (const std::string fault = fault_of_name(sample.name); !fault.empty())
        throw DataError(fmt::format("sample {} of split '{}' has a name that {}: nothing is written for it", i, split, fault));
      write_frame(dataset, i, options_.output / split / "frames");
      if (manifest_.splits.at(split).labelled) write_labels(dataset, i, options_.output / split / "labels");
      ++result_.samples;
      progress.update(++done);
    }
    progress.finish();
  }

  void write_frame(const Dataset& dataset, size_t index, const fs::path& folder) const {
    const Sample& sample = dataset.sample(index);
    const Tile* file = result_.original ? whole_file(sample, TileKind::kFrame) : nullptr;
    const bool jpeg = file != nullptr && file->codec == TileCodec::kJpeg;
    write(folder / (sample.name + (jpeg ? ".jpg" : ".png")),
          file != nullptr ? dataset.read_tile(index, *file) : encode_png(read_frame(dataset, index, whole(sample)), kZlibLevel));
  }

  void write_labels(const Dataset& dataset, size_t index, const fs::path& folder) const {
    const Sample& sample = dataset.sample(index);
    const Tile* file = result_.original ? whole_file(sample, TileKind::kLabels) : nullptr;
    write(folder / (sample.name + ".png"),
          file != nullptr ? dataset.read_tile(index, *file) : encode_png(read_labels_raw(dataset, index, whole(sample))));
  }

  static void write(const fs::path& file, const std::vector<std::byte>& bytes) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) throw_errno(error.value(), "create", file.parent_path());
    write_file_atomically(file, bytes);
  }

  // What strata-preprocess --dataset reads.
  std::string description() const {
    const LabelSet& labels = manifest_.labels;
    std::string text = fmt::format("[dataset]\nname = {}\nignore_id = {}\n\n[files]\nframes = {{split}}/frames/{{name}}.{}\n",
                                   labels.name, labels.ignore_id, result_.original ? "*" : "png");
    const bool labelled =
        std::all_of(manifest_.splits.begin(), manifest_.splits.end(), [](const auto& split) { return split.second.labelled; });
    text += labelled ? "labels = {split}/labels/{name}.png\n\n[classes]\n" : "\n[classes]\n";
    std::vector<std::vector<int>> raw_ids(labels.classes.size() + 1);  // the last: ignored
    for (int raw = 0; raw < 256; ++raw) {
      if (labels.known_raw[static_cast<size_t>(raw)])
        raw_ids[std::min<size_t>(labels.raw_to_train[static_cast<size_t>(raw)], labels.classes.size())].push_back(raw);
    }
    for (size_t c = 0; c < labels.classes.size(); ++c)
      text += fmt::format("{} = {} : {}\n", labels.classes[c].name, fmt::join(raw_ids[c], ","),
                          fmt::join(labels.classes[c].color, " "));
    if (!raw_ids.back().empty()) text += fmt::format("\n[ignored]\nids = {}\n", fmt::join(raw_ids.back(), ","));
    return text;
  }

  const ExtractionOptions& options_;
  const Manifest manifest_;
  Extraction result_;
};

}  // namespace

Extraction extract(const ExtractionOptions& options) { return Extractor(options).run(); }

}  // namespace strata
