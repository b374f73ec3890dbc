#include "preprocess/file_pairs.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace strata {

namespace {

constexpr size_t kNamesListed = 10;

// Names go into JSON, HDF5 and logs: what cannot be printed there is refused. JSON's own check knows UTF-8.
bool is_printable(const std::string& name) {
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return false;
  try {
    return !nlohmann::json(name).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

void collect(const fs::path& directory, const std::string& below, std::string_view suffix, int depth, FilesByStem& files) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code unreadable;
    if (depth > 1 && entries->is_directory(unreadable)) {
      collect(entries->path(), below + name + "/", suffix, depth - 1, files);
    } else if (name.ends_with(suffix)) {
      if (!entries->is_regular_file(unreadable))
        throw DataError(fmt::format("{} is not a file (a broken link?)", entries->path().string()));
      if (!is_printable(below + name))
        throw DataError(fmt::format("{}: a name must be printable UTF-8; rename it", entries->path().string()));
      files.emplace(below + name.substr(0, name.size() - suffix.size()), entries->path());
    }
  }
  if (error) throw_errno(error.value(), "list", directory);
}

uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const uint64_t bytes = fs::file_size(file, error);
  if (error) throw_errno(error.value(), "read", file);
  return bytes;
}

std::string listed(const std::vector<std::string>& lines) {
  const size_t shown = std::min(lines.size(), kNamesListed);
  std::string text = fmt::format("{}", fmt::join(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown), "\n  "));
  if (lines.size() > shown) text += fmt::format("\n  and {} more", lines.size() - shown);
  return text;
}

}  // namespace

FilesByStem find_files(const fs::path& directory, std::string_view suffix, int depth) {
  FilesByStem files;
  collect(directory, "", suffix, depth, files);
  return files;
}

std::vector<SourceSample> pair_files(const FilesByStem& frames, const FilesByStem& labels, std::string_view frame_ending) {
  std::vector<SourceSample> samples;
  std::vector<std::string> without_labels;
  for (const auto& [stem, frame] : frames) {
    const auto found = labels.find(stem);
    if (found == labels.end()) {
      without_labels.push_back(frame.string());
    } else {
      samples.push_back({stem + std::string(frame_ending), frame, found->second, size_of(frame), size_of(found->second)});
    }
  }
  if (!without_labels.empty()) {
    throw DataError(fmt::format("{} of {} frames have no label file; unpack the labels completely or remove these frames:\n  {}",
                                without_labels.size(), frames.size(), listed(without_labels)));
  }
  if (labels.size() > samples.size())
    log_warning("{} label files have no frame and are left out", labels.size() - samples.size());
  return samples;
}

}  // namespace strata
