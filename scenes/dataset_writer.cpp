#include "scenes/dataset_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "image/codec.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace strata {

namespace {

constexpr int kFormatVersion = 1;           // of what the same options draw: a new one for every change of the pictures
constexpr int64_t kMostScenes = 1'000'000;  // six digits in a name
constexpr std::string_view kOptionsFile = "scenes.json";

// One scene of the folder, with the files it becomes.
struct Entry {
  SceneSplit split;
  uint64_t index;
  fs::path frame, labels;
};

Entry entry_of(const fs::path& root, SceneSplit split, uint64_t index) {
  static constexpr std::string_view kTrainCities[] = {"ahornau", "birkenfurt", "eichstedt"};
  static constexpr std::string_view kValCities[] = {"lindenhafen", "ulmental"};
  const bool train = split == SceneSplit::kTrain;
  const std::string_view city = train ? kTrainCities[index % std::size(kTrainCities)] : kValCities[index % std::size(kValCities)];
  const std::string stem = fmt::format("{}_{:06}_000019", city, index);
  const fs::path below = fs::path(train ? "train" : "val") / city;
  return {split, index, root / "leftImg8bit" / below / (stem + "_leftImg8bit.png"),
          root / "gtFine" / below / (stem + "_gtFine_labelIds.png")};
}

std::vector<Entry> entries_of(const ScenesOptions& options) {
  std::vector<Entry> entries;
  for (int64_t i = 0; i < options.train_count; ++i)
    entries.push_back(entry_of(options.output, SceneSplit::kTrain, static_cast<uint64_t>(i)));
  for (int64_t i = 0; i < options.val_count; ++i)
    entries.push_back(entry_of(options.output, SceneSplit::kVal, static_cast<uint64_t>(i)));
  return entries;
}

std::string options_text(const ScenesOptions& options) {
  const nlohmann::ordered_json json{{"format", "strata-scenes"},     {"version", kFormatVersion},
                                    {"seed", options.seed},          {"width", options.width},
                                    {"height", options.height},      {"train_count", options.train_count},
                                    {"val_count", options.val_count}};
  return json.dump(2) + "\n";
}

void check(const ScenesOptions& options) {
  if (options.train_count < 0 || options.val_count < 0 || options.train_count + options.val_count == 0 ||
      options.train_count > kMostScenes || options.val_count > kMostScenes) {
    throw ConfigError(fmt::format("cannot draw {} training and {} validation scenes: give counts from 0 to {}, not both 0",
                                  options.train_count, options.val_count, kMostScenes));
  }
  if (options.threads < 0)
    throw ConfigError(fmt::format("threads = {}: give a positive number, or 0 for one per core", options.threads));
}

// The folder is new, empty, or ours with the same options: else CannotCreate.
void take_folder(const ScenesOptions& options) {
  require_writable_directory(options.output);
  const fs::path mark = options.output / kOptionsFile;
  const std::string text = options_text(options);
  if (fs::exists(mark)) {
    if (read_text_file(mark) == text) return;
    throw CannotCreate(
        fmt::format("{} holds scenes that were drawn with other options (see {}), and mixing them would make a data set that "
                    "nothing describes: choose another output folder, or remove this one",
                    options.output.string(), kOptionsFile));
  }
  if (!fs::is_empty(options.output)) {
    throw CannotCreate(
        fmt::format("{} is not empty and holds no {}: scenes are written into a folder of their own. Choose another output",
                    options.output.string(), kOptionsFile));
  }
  write_file_atomically(mark, text);
}

void make_folders(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    for (const fs::path& file : {entry.frame, entry.labels}) {
      std::error_code error;
      fs::create_directories(file.parent_path(), error);
      if (error) throw_errno(error.value(), "create directory", file.parent_path());
    }
  }
}

// What an interrupted call left half written.
void remove_temporaries(const fs::path& root) {
  for (const auto& file : fs::recursive_directory_iterator(root)) {
    if (file.is_regular_file() && file.path().filename().string().find(".png.tmp-") != std::string::npos) fs::remove(file.path());
  }
}

uint64_t write_entry(const ScenesOptions& options, const Entry& entry) {
  const Scene scene = draw_scene({options.height, options.width, options.seed}, entry.split, entry.index);
  const std::vector<std::byte> frame = encode_png(scene.frame), labels = encode_png(scene.labels);
  write_file_atomically(entry.labels, labels);
  write_file_atomically(entry.frame, frame);
  return frame.size() + labels.size();
}

// Draws the entries on several threads; the first error of any stops all.
class Crew {
 public:
  Crew(const ScenesOptions& options, const std::vector<Entry>& entries, Progress& progress)
      : options_(options), entries_(entries), progress_(progress) {}

  uint64_t run() {
    const unsigned wanted =
        options_.threads > 0 ? static_cast<unsigned>(options_.threads) : std::max(1u, std::thread::hardware_concurrency());
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < std::min<size_t>(wanted, entries_.size()); ++i) threads.emplace_back([this] { work(); });
    }
    if (error_) std::rethrow_exception(error_);
    return bytes_;
  }

 private:
  void work() {
    try {
      for (size_t i = next_++; i < entries_.size(); i = next_++) {
        const uint64_t bytes = write_entry(options_, entries_[i]);
        const std::lock_guard lock(mutex_);
        bytes_ += bytes;
        progress_.update(++drawn_);
      }
    } catch (...) {
      next_ = entries_.size();
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  const ScenesOptions& options_;
  const std::vector<Entry>& entries_;
  Progress& progress_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  uint64_t bytes_ = 0, drawn_ = 0;
  std::exception_ptr error_;
};

}  // namespace

ScenesWritten write_scenes(const ScenesOptions& options) {
  check(options);
  check_scene_size(options.height, options.width);
  take_folder(options);
  std::vector<Entry> entries = entries_of(options);
  const size_t all = entries.size();
  std::erase_if(entries, [](const Entry& entry) { return fs::exists(entry.frame) && fs::exists(entry.labels); });
  ScenesWritten written{static_cast<int64_t>(entries.size()), static_cast<int64_t>(all - entries.size()), 0};
  if (entries.empty()) return written;
  make_folders(entries);
  remove_temporaries(options.output);
  Progress progress({.title = "draw", .unit = "scenes", .total = entries.size()});
  written.bytes = Crew(options, entries, progress).run();
  progress.finish(readable_bytes(written.bytes));
  return written;
}

}  // namespace strata
