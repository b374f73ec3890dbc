#pragma once
// A dataset in words: where its files are, how their names pair, what their ids mean. lib/config reads it from an INI file.

#include "data/label_set.h"

#include <map>
#include <string>

namespace strata {

// Patterns are paths below the input directory with '/' between folders. "{split}" stands for the split's folder, "{name}" for a
// sample's name, which may hold '/'; it occurs once, in the last part of `frames` and `labels`; a last ".*" stands for any kind
// of picture. `list` may hold "{split}": a file per split.
struct DatasetDescription {
  std::string name;                                  // of the dataset, as the manifest says it
  std::string frames;                                // "images/{split}/{name}.jpg"
  std::string frame_labels;                          // "labels/{split}/{name}_ids.png"; empty: without labels
  std::string list;                                  // "lists/{split}.txt": names, one a line; empty: all files that fit `frames`
  std::map<std::string, std::string> split_folders;  // split -> what {split} stands for; a split not named stands for itself
  LabelSet labels;
};

// ConfigError where a pattern cannot be used, naming it.
void require_valid(const DatasetDescription& description);

}  // namespace strata
