#include "preprocess/file_pairs.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "data/sample_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

constexpr size_t kNamesListed = 10;

// The suffix of `name` among these, or "".
std::string_view suffix_of(std::string_view name, const std::vector<std::string>& suffixes) {
  for (const std::string& suffix : suffixes) {
    if (name.ends_with(suffix)) return suffix;
  }
  return {};
}

void collect(const fs::path& directory, const std::string& below, const std::vector<std::string>& suffixes, int depth,
             FilesByStem& files) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code unreadable;
    if (depth > 1 && entries->is_directory(unreadable)) {
      collect(entries->path(), below + name + "/", suffixes, depth - 1, files);
    } else if (const std::string_view suffix = suffix_of(name, suffixes); !suffix.empty()) {
      if (!entries->is_regular_file(unreadable))
        throw DataError(fmt::format("{} is not a file (a broken link?)", entries->path().string()));
      if (!is_printable_name(below + name))
        throw DataError(fmt::format("{}: a name must be printable UTF-8; rename it", entries->path().string()));
      const auto [other, is_new] = files.emplace(below + name.substr(0, name.size() - suffix.size()), entries->path());
      if (!is_new)
        throw DataError(fmt::format("{} and {} have the same name but for their endings; take one of them away",
                                    other->second.string(), entries->path().string()));
    }
  }
  if (error) throw_errno(error.value(), "list", directory);
}

std::string listed(const std::vector<std::string>& lines) {
  const size_t shown = std::min(lines.size(), kNamesListed);
  std::string text = fmt::format("{}", fmt::join(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown), "\n  "));
  if (lines.size() > shown) text += fmt::format("\n  and {} more", lines.size() - shown);
  return text;
}

}  // namespace

FilesByStem find_files(const fs::path& directory, const std::vector<std::string>& suffixes, int depth) {
  FilesByStem files;
  collect(directory, "", suffixes, depth, files);
  return files;
}

const std::vector<std::string>& picture_suffixes() {
  static const std::vector<std::string> suffixes{".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG"};
  return suffixes;
}

fs::path first_directory(const std::vector<fs::path>& candidates, const std::string& what) {
  std::string tried;
  for (const fs::path& candidate : candidates) {
    std::error_code unreadable;
    if (fs::is_directory(candidate, unreadable)) return candidate;
    tried += (tried.empty() ? "" : " and ") + candidate.string();
  }
  throw MissingInput(fmt::format("{}: looked for {}", what, tried));
}

uint64_t size_of_file(const fs::path& file) {
  std::error_code error;
  const uint64_t bytes = fs::file_size(file, error);
  if (error) throw_read_errno(error.value(), file);
  return bytes;
}

std::vector<SourceSample> pair_files(const FilesByStem& frames, const FilesByStem& labels, std::string_view frame_ending) {
  std::vector<SourceSample> samples;
  std::vector<std::string> without_labels;
  for (const auto& [stem, frame] : frames) {
    const auto found = labels.find(stem);
    if (found == labels.end()) {
      without_labels.push_back(frame.string());
    } else {
      samples.push_back(
          {stem + std::string(frame_ending), frame, found->second, size_of_file(frame), size_of_file(found->second)});
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

std::vector<SourceSample> frames_alone(const FilesByStem& frames, std::string_view frame_ending) {
  std::vector<SourceSample> samples;
  for (const auto& [stem, frame] : frames)
    samples.push_back({stem + std::string(frame_ending), frame, {}, size_of_file(frame), 0});
  return samples;
}

}  // namespace strata
