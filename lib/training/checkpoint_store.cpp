#include "training/checkpoint_store.h"

#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/log.h"
#include "base/temporary_name.h"
#include "training/generation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>

namespace strata {
namespace {

constexpr std::string_view kPrefix = "gen-";
constexpr const char* kMarker = "writing";

std::string name_of(uint64_t generation) { return fmt::format("{}{:06}", kPrefix, generation); }

// The number in "gen-000042", or nothing for any other name.
std::optional<uint64_t> generation_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  if (error != std::errc() || stop != end || name_of(number) != name) return std::nullopt;
  return number;
}

// A quota, or a limit on file sizes, shows when space is taken, not in the space that is free.
void reserve_for_a_moment(const fs::path& file, uint64_t bytes) {
  const FileDescriptor probe = FileDescriptor::open_to_write(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  const int error = ::fallocate(probe.get(), 0, 0, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
  ::unlink(file.c_str());
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    throw_errno(error, fmt::format("take {}, the size of a checkpoint, for", readable_bytes(bytes)), file);
  }
}

// Tells anybody who watches that a commit is under way, also when it ends in an exception.
class Marker {
 public:
  explicit Marker(fs::path file) : file_(std::move(file)) { std::ofstream(file_) << "a checkpoint is being written\n"; }
  ~Marker() {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }
  Marker(const Marker&) = delete;
  Marker& operator=(const Marker&) = delete;

 private:
  fs::path file_;
};

}  // namespace

CheckpointStore::CheckpointStore(fs::path directory, const CheckpointOptions& options)
    : directory_(std::move(directory)), options_(options) {
  options_.keep = std::max(2, options_.keep);
  require_writable_directory(directory_);
  std::vector<fs::path> leftovers = {directory_ / kMarker};
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (is_temporary(entry.path())) leftovers.push_back(entry.path());
  }
  std::error_code ignored;  // what cannot be removed is only in the way of the disk's space
  for (const fs::path& path : leftovers) fs::remove_all(path, ignored);
}

void CheckpointStore::require_room(uint64_t generation_bytes, uint64_t other_bytes) const {
  const auto there = std::min<uint64_t>(generations().size(), static_cast<uint64_t>(options_.keep));
  const uint64_t missing = static_cast<uint64_t>(options_.keep) + 1 - there;  // an old one goes after the new one is whole
  const uint64_t needed = missing * generation_bytes + other_bytes, free = free_bytes(directory_);
  log_info("a checkpoint takes {}; the run needs {} more on disk, {} are free", readable_bytes(generation_bytes),
           readable_bytes(needed), readable_bytes(free));
  if (free < needed) {
    throw IoError(fmt::format(
        "the disk of {} has {} free, and the run needs {} more: {} checkpoints of {}, and weights. Nothing was trained "
        "yet; free space, or use another run directory",
        directory_.string(), readable_bytes(free), readable_bytes(needed), missing, readable_bytes(generation_bytes)));
  }
  reserve_for_a_moment(directory_ / ("room" + temporary_suffix()), generation_bytes);
}

std::vector<uint64_t> CheckpointStore::generations() const {
  std::vector<uint64_t> numbers;
  std::error_code error;
  const fs::directory_iterator entries(directory_, error);
  if (error) throw_read_errno(error.value(), directory_);
  for (const auto& entry : entries) {
    if (const auto number = generation_of(entry.path().filename().string())) numbers.push_back(*number);
  }
  std::sort(numbers.rbegin(), numbers.rend());
  return numbers;
}

uint64_t CheckpointStore::newest() const {
  const std::vector<uint64_t> numbers = generations();
  return numbers.empty() ? 0 : numbers.front();
}

std::string CheckpointStore::last_good() const {
  for (uint64_t generation : generations()) {
    if (!damaged_.contains(generation)) return "checkpoint " + name_of(generation);
  }
  return "no checkpoint";
}

fs::path CheckpointStore::path_of(uint64_t generation) const { return directory_ / name_of(generation); }

fs::path CheckpointStore::temporary_of(uint64_t generation) const {
  return directory_ / (name_of(generation) + temporary_suffix());
}

void CheckpointStore::commit(const Checkpoint& checkpoint, const std::function<void()>& require_owner) {
  const Marker marker(directory_ / kMarker);
  Checkpoint numbered = checkpoint;  // shares the tensors
  numbered.generation = newest() + 1;
  const fs::path temporary = temporary_of(numbered.generation);
  try {
    publish(numbered, temporary, require_owner);
  } catch (const Error& e) {
    require_owner();                       // else a generation of this number is a successor's
    damaged_.insert(numbered.generation);  // should it stand there already: what was not synced is not good
    const std::string explained = explain_failure(e.what(), tensor_bytes(numbered));  // while the remains still take their space
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    if (fs::exists(path_of(numbered.generation), ignored)) remove_generation(numbered.generation);
    throw_error(e.code(), explained, e.scope());
  }
  require_owner();
  remove_superseded();
}

void CheckpointStore::publish(const Checkpoint& checkpoint, const fs::path& temporary,
                              const std::function<void()>& require_owner) {
  std::error_code error;
  if (!fs::create_directory(temporary, error)) throw_errno(error ? error.value() : EEXIST, "create", temporary);
  write_generation(checkpoint, temporary);
  sync_directory(temporary);
  const fs::path published = path_of(checkpoint.generation);
  require_owner();
  rename_durably(temporary, published);
  try {
    verify_generation(published, checkpoint.generation);
  } catch (const Error& e) {
    throw IoError(
        fmt::format("what was written does not read back as it was: {}. The storage fails: ask its administrators", e.what()));
  }
}

std::string CheckpointStore::explain_failure(const std::string& cause, uint64_t bytes_needed) const {
  return fmt::format(
      "cannot write a checkpoint ({} needed, {} free in {}): {}. The last good one is {}; with the cause removed, the same "
      "command continues from it",
      readable_bytes(bytes_needed), readable_bytes(free_bytes(directory_)), directory_.string(), cause, last_good());
}

void CheckpointStore::remove_superseded() {
  int kept = 0;
  for (uint64_t generation : generations()) {
    if (!damaged_.contains(generation) && kept++ < options_.keep) continue;
    remove_generation(generation);
    damaged_.erase(generation);
  }
}

// By way of a temporary name: half a generation must never stand under a real one.
void CheckpointStore::remove_generation(uint64_t generation) {
  const fs::path temporary = temporary_of(generation);
  std::error_code error;
  fs::rename(path_of(generation), temporary, error);
  if (!error) fs::remove_all(temporary, error);
  if (error) log_warning("cannot remove the old checkpoint {}: {}", path_of(generation).string(), error.message());
}

std::optional<Checkpoint> CheckpointStore::load_newest() {
  std::vector<std::string> skipped;
  for (uint64_t generation : generations()) {
    try {
      Checkpoint checkpoint = read_generation(path_of(generation), generation);
      for (const std::string& why : skipped)
        log_warning("skipped a damaged checkpoint ({}); continuing from {} instead", why, name_of(generation));
      return checkpoint;
    } catch (const NewerFormat&) {
      throw;
    } catch (const Error& e) {
      damaged_.insert(generation);
      skipped.push_back(e.what());
    }
  }
  if (skipped.empty()) return std::nullopt;
  std::string reasons;
  for (const std::string& why : skipped) reasons += "\n  " + why;
  throw FormatError(
      fmt::format("every checkpoint in {} is damaged, so this run cannot continue. Restore the folder from a backup, or start "
                  "anew with another "
                  "run directory:{}",
                  directory_.string(), reasons));
}

}  // namespace strata
