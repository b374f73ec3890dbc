#pragma once
// How a raw dataset lies on disk: one adapter per layout (cityscapes.cpp, mapillary.cpp, camvid.cpp, ...) gives the frames of a
// split with their label files.

#include "data/label_set.h"
#include "image/image.h"
#include "preprocess/dataset_description.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strata {

// One frame of the raw dataset and its labels.
struct SourceSample {
  std::string name;  // the frame's path below its split, without suffix: unique in the split
  std::filesystem::path frame;
  std::filesystem::path labels;  // empty: the frame has none
  uint64_t frame_bytes = 0;
  uint64_t label_bytes = 0;                             // of `labels` and `label_parts`
  std::vector<std::filesystem::path> label_parts = {};  // further files the labels are made of, as the layout knows them

  uint64_t bytes() const { return frame_bytes + label_bytes; }
};

// Labels that a network made, to be trusted where it was sure (reference.md 1.2, "Coarse"). Classes are named as in the label
// set.
struct AutoLabelOptions {
  std::filesystem::path directory;  // holds train_extra/<city>/...; empty: hand-made coarse labels are used
  double confidence = 0;            // pixels whose confidence is less are ignored, 0 to 1; larger: fewer, better labels
  std::vector<std::string> dropout_classes =
      {};  // where the network or the coarse labels say one of these, the coarse labels count
  enum class MaskOut { kNo, kYes } mask_out = MaskOut::kNo;  // ignore the frame's border (car, rectification), 2048x1024 px only
};

struct LayoutOptions {
  std::string dataset = {};          // "cityscapes", "mapillary", "mapillary-v2", "camvid", "folder", or what `description` says
  std::filesystem::path input = {};  // directory of the raw dataset
  std::optional<DatasetDescription> description = {};  // of a layout described by a file
  std::string labels = {};            // folder: whose label set the frames get: "cityscapes", "camvid", DATASET_DIR
  int cv = 0;                         // cityscapes: cross-validation split 0-3; 0: official
  AutoLabelOptions auto_labels = {};  // cityscapes: for split train_extra
};

class Layout {
 public:
  virtual ~Layout() = default;
  virtual const LabelSet& labels() const = 0;
  virtual std::vector<std::string> default_splits() const { return {"train", "val"}; }
  // Local. All samples of a split, sorted by name (bytes), never in the order of the file system. MissingInput where the
  // directory, the split or any frame in it is not there, naming what was looked for; DataError listing frames without labels.
  // Either all samples have labels or none.
  virtual std::vector<SourceSample> samples(const std::string& split) const = 0;
  // Local, thread-safe. Raw ids of a sample that has labels. DataError naming the file, MissingInput, IoError.
  virtual Image read_labels(const SourceSample& sample) const;
  // What decides about pixels or lists beyond the files' names: part of the manifest and of what makes two conversions equal.
  virtual std::map<std::string, std::string> settings() const { return {}; }
};

// Local; reads what says which classes there are. ConfigError naming the known layouts for another name and for options out of
// range, MissingInput and DataError for the file of classes.
std::unique_ptr<Layout> make_layout(const LayoutOptions& options);

std::unique_ptr<Layout> make_cityscapes_layout(const LayoutOptions& options);
std::unique_ptr<Layout> make_mapillary_layout(const LayoutOptions& options);
std::unique_ptr<Layout> make_camvid_layout(const LayoutOptions& options);
std::unique_ptr<Layout> make_folder_layout(const LayoutOptions& options);
std::unique_ptr<Layout> make_described_layout(const LayoutOptions& options);

}  // namespace strata
