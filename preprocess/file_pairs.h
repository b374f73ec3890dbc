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

inline constexpr int kAnyDepth = 32;  // folders below folders; links that lead in circles end here

// Files whose names end in one of `suffixes`, in the directory itself or (depth 2 and more) in its subdirectories. DataError for
// names that are no printable UTF-8, for entries that are no files (broken links), and for two files of one stem.
FilesByStem find_files(const std::filesystem::path& directory, const std::vector<std::string>& suffixes, int depth);

// The endings of pictures that can be read.
const std::vector<std::string>& picture_suffixes();  // .png .jpg .jpeg and in capitals

// The first directory of these; MissingInput naming all, and `what` was looked for, where there is none.
std::filesystem::path first_directory(const std::vector<std::filesystem::path>& candidates, const std::string& what);

// Sorted by stem; `frame_ending` is what a sample's name keeps after the stem. DataError listing frames without labels; labels
// without frame are warned of and left out.
std::vector<SourceSample> pair_files(const FilesByStem& frames, const FilesByStem& labels, std::string_view frame_ending);
std::vector<SourceSample> frames_alone(const FilesByStem& frames, std::string_view frame_ending);

// Bytes of a file; MissingInput or IoError.
uint64_t size_of_file(const std::filesystem::path& file);

}  // namespace strata
