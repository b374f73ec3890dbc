// A dataset that an INI file describes: patterns of paths, split folders or lists of names, classes.

#include "base/error.h"
#include "base/files.h"
#include "data/sample_name.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace strata {

namespace {

constexpr std::string_view kSplit = "{split}", kName = "{name}";

std::string with(std::string pattern, std::string_view placeholder, const std::string& value) {
  for (size_t at = pattern.find(placeholder); at != std::string::npos; at = pattern.find(placeholder, at + value.size()))
    pattern.replace(at, placeholder.size(), value);
  return pattern;
}

// "images/train/{name}_rgb.png": files below "images/train" that end in "_rgb.png".
struct NamePattern {
  std::string folder, suffix;

  explicit NamePattern(const std::string& pattern) {
    const size_t at = pattern.find(kName);
    folder = at == 0 ? "." : pattern.substr(0, at - 1);  // require_valid(): a '/' stands before it
    suffix = pattern.substr(at + kName.size());
  }

  // ".*" stands for any kind of picture.
  std::vector<std::string> suffixes() const {
    if (!suffix.ends_with(".*")) return {suffix};
    std::vector<std::string> all;
    for (const std::string& picture : picture_suffixes()) all.push_back(suffix.substr(0, suffix.size() - 2) + picture);
    return all;
  }
};

void require_pattern(const std::string& pattern, const char* key) {
  const auto refuse = [&](const std::string& why) { throw ConfigError(fmt::format("[files] {} = {}: {}", key, pattern, why)); };
  const size_t at = pattern.find(kName);
  if (at == std::string::npos || pattern.find(kName, at + 1) != std::string::npos) refuse("{name} must stand in it, once");
  if (at != 0 && pattern[at - 1] != '/') refuse("{name} must begin a part of the path: a '/' stands before it");
  if (pattern.find('/', at) != std::string::npos) refuse("{name} must stand in the last part of the path");
  if (at + kName.size() == pattern.size()) refuse("a suffix must follow {name}, like .png");
  if (const std::string fault = fault_of_name(pattern); !fault.empty()) refuse("it " + fault);
}

class Described : public Layout {
 public:
  explicit Described(const LayoutOptions& options) : input_(options.input), description_(*options.description) {
    require_valid(description_);
  }

  const LabelSet& labels() const override { return description_.labels; }

  std::vector<std::string> default_splits() const override {
    std::vector<std::string> splits;
    for (const auto& [split, folder] : description_.split_folders) splits.push_back(split);
    return splits.empty() ? Layout::default_splits() : splits;
  }

  std::vector<SourceSample> samples(const std::string& split) const override {
    const auto named = description_.split_folders.find(split);
    const std::string folder = named == description_.split_folders.end() ? split : named->second;
    FilesByStem frames = find(with(description_.frames, kSplit, folder), split), labels;
    if (!description_.frame_labels.empty()) {
      labels = find(with(description_.frame_labels, kSplit, folder), split);
      leave_out(frames, labels);
    }
    if (!description_.list.empty()) keep_listed(frames, input_ / with(description_.list, kSplit, folder));
    if (frames.empty()) throw MissingInput(fmt::format("split '{}' of {} has no frames", split, input_.string()));
    if (description_.frame_labels.empty()) return frames_alone(frames, "");
    if (!description_.list.empty()) std::erase_if(labels, [&](const auto& file) { return !frames.contains(file.first); });
    return pair_files(frames, labels, "");
  }

 private:
  FilesByStem find(const std::string& text, const std::string& split) const {
    const NamePattern pattern(text);
    const fs::path directory = first_directory({input_ / pattern.folder}, fmt::format("split '{}' is not there", split));
    return find_files(directory, pattern.suffixes(), kAnyDepth);
  }

  // Labels may lie beside the frames and end in more than these: x.png and x_ids.png.
  static void leave_out(FilesByStem& frames, const FilesByStem& labels) {
    std::set<fs::path> paths;
    for (const auto& [stem, path] : labels) paths.insert(path);
    std::erase_if(frames, [&](const auto& file) { return paths.contains(file.second); });
  }

  void keep_listed(FilesByStem& frames, const fs::path& list) const {
    std::istringstream lines(read_text_file(list));
    std::set<std::string> names;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.ends_with('\r')) line.pop_back();
      if (line.empty()) continue;
      const auto refuse = [&](const std::string& why) {
        throw DataError(fmt::format("{}:{}: a name that {}", list.string(), number, why));
      };
      if (const std::string fault = fault_of_name(line); !fault.empty()) refuse(fault);
      if (!frames.contains(line))
        refuse(fmt::format("has no frame: '{}' (names are what {{name}} stands for in [files] frames)", line));
      if (!names.insert(line).second) refuse(fmt::format("stands there twice: '{}'", line));
    }
    std::erase_if(frames, [&](const auto& file) { return !names.contains(file.first); });
  }

  const fs::path input_;
  const DatasetDescription description_;
};

}  // namespace

void require_valid(const DatasetDescription& description) {
  require_pattern(description.frames, "frames");
  if (!description.frame_labels.empty()) require_pattern(description.frame_labels, "labels");
  if (!description.list.empty()) {
    if (const std::string fault = fault_of_name(description.list); !fault.empty())
      throw ConfigError(fmt::format("[files] list = {}: it {}", description.list, fault));
  }
  for (const auto& [split, folder] : description.split_folders) {
    if (const std::string fault = fault_of_name(folder); !fault.empty())
      throw ConfigError(fmt::format("[splits] {} = {}: it {}", split, folder, fault));
  }
}

std::unique_ptr<Layout> make_described_layout(const LayoutOptions& options) { return std::make_unique<Described>(options); }

}  // namespace strata
