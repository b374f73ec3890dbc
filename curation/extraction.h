#pragma once
// Back to files.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata {

struct ExtractionOptions {
  std::filesystem::path data = {};       // dataset directory
  std::filesystem::path output = {};     // new or empty folder
  std::vector<std::string> splits = {};  // empty: all
  std::vector<std::string> names = {};   // samples by name; empty: all
};

struct Extraction {
  uint64_t samples = 0;
  bool original = false;  // files are the original ones byte for byte, otherwise PNGs of the same pixels
};

// Local. Writes SPLIT/frames/NAME.png (or .jpg, where the original bytes were kept), SPLIT/labels/NAME.png with raw ids, and
// dataset.ini, by which strata-preprocess reads it all again. CannotCreate for a folder that holds something, MissingInput for a
// split or name that is not there, DataError for samples that cannot be read or whose names lead out of the folder.
Extraction extract(const ExtractionOptions& options);

}  // namespace strata
