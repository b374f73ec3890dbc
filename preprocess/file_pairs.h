#pragma once
// Frames and label files found in directories, matched by name.

#include "preprocess/layout.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// Path below the directory without the suffix -> file.
using FilesByStem = std::map<std::string, std::filesystem::path>;

// Files that end in `suffix`, in the directory itself or (depth 2) in its subdirectories. DataError for names that are no
// printable UTF-8 and for entries that are no files (broken links).
FilesByStem find_files(const std::filesystem::path& directory, std::string_view suffix, int depth);

// Sorted by stem; `frame_ending` is what a sample's name keeps after the stem. DataError listing frames without labels; labels
// without frame are warned of and left out.
std::vector<SourceSample> pair_files(const FilesByStem& frames, const FilesByStem& labels, std::string_view frame_ending);

}  // namespace strata
