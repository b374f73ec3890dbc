#include "base/files.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/temporary_name.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace strata {

namespace {

fs::path parent_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// The outermost of the directory and its parents that is not there; empty where all are.
fs::path first_missing(fs::path directory) {
  fs::path missing;
  std::error_code unknown;
  for (; !directory.empty() && !fs::exists(directory, unknown) && !unknown; directory = directory.parent_path()) {
    missing = directory;
  }
  return missing;
}

// What is synced in a new directory survives a crash of the machine only where the directory's own name does. A parent that may
// be written to but not read cannot be synced.
void sync_names(const fs::path& directory, const fs::path& outermost) {
  if (outermost.empty()) return;
  try {
    for (fs::path folder = directory; folder != outermost; folder = folder.parent_path()) sync_directory(parent_of(folder));
    sync_directory(parent_of(outermost));
  } catch (const CannotCreate&) {
  }
}

std::string space_left(const fs::path& path) {
  struct statvfs info {};
  if (statvfs(parent_of(path).c_str(), &info) != 0) return "";
  return fmt::format(" ({} and {} files are left there)", readable_bytes(static_cast<uint64_t>(info.f_bavail) * info.f_frsize),
                     info.f_favail);
}

std::string remedy(int error, const fs::path& path) {
  switch (error) {
    case ENOSPC:
      return space_left(path) + ". Free space or choose another file system";
    case EDQUOT:
      return ". Your quota there is used up, of space or of number of files: delete files or ask for more";
    case EFBIG:
      return ". Raise the limit on file sizes (ulimit -f)";
    case EIO:
      return ". The disk or file server fails: ask its administrators";
    case EROFS:
    case EACCES:
    case EPERM:
      return ". Choose a directory that you may write to";
    case EMFILE:
      return ". Raise the limit on open files (ulimit -n)";
    default:
      return "";
  }
}

std::string sentence(int error, std::string_view doing, const fs::path& path) {
  return fmt::format("cannot {} {}: {}{}", doing, path.string(), std::strerror(error), remedy(error, path));
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

void throw_errno(int error, std::string_view doing, const fs::path& path) {
  const std::string message = sentence(error, doing, path);
  switch (error) {
    case EACCES:
    case EROFS:
    case EPERM:
    case ENOTDIR:
    case EEXIST:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      throw CannotCreate(message);
    case ENOENT:
      throw MissingInput(message);
    default:
      throw IoError(message);
  }
}

void throw_read_errno(int error, const fs::path& path) {
  switch (error) {
    case EIO:
    case EMFILE:
    case ENFILE:
    case ESTALE:
      throw IoError(sentence(error, "read", path));
    default:
      throw MissingInput(fmt::format("cannot read {}: {}", path.string(), std::strerror(error)));
  }
}

std::vector<std::byte> read_file(const fs::path& path) {
  const FileDescriptor file = FileDescriptor::open_to_read(path);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) throw_read_errno(errno, path);
  std::vector<std::byte> bytes(static_cast<size_t>(info.st_size));
  size_t size = read_some(file, bytes, path);
  while (size == bytes.size()) {  // files of /proc have size 0, others may have grown
    bytes.resize(size + (64 << 10));
    size += read_some(file, std::span(bytes).subspan(size), path);
  }
  bytes.resize(size);
  return bytes;
}

std::string read_text_file(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

AtomicFile::AtomicFile(fs::path target)
    : target_(std::move(target)),
      temporary_(target_.string() + temporary_suffix()),
      file_(FileDescriptor::open_to_write(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) { write_all(file_, bytes, target_); }
void AtomicFile::write(std::string_view text) { write(bytes_of(text)); }

void AtomicFile::commit() {
  sync_and_close(std::move(file_), target_);
  rename_durably(temporary_, target_);
  temporary_.clear();
}

void write_file_atomically(const fs::path& target, std::string_view text) { write_file_atomically(target, bytes_of(text)); }

void write_file_atomically(const fs::path& target, std::span<const std::byte> bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

void sync_file(const fs::path& path) { sync_and_close(FileDescriptor::open_to_read(path), path); }

void sync_directory(const fs::path& directory) {
  const FileDescriptor file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file) throw_errno(errno, "open", directory);
  // Some file systems have nothing to sync in a folder and say so with EINVAL.
  if (::fsync(file.get()) != 0 && errno != EINVAL) throw_errno(errno, "sync", directory);
}

void rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw_errno(errno, "rename " + from.filename().string() + " to", to);
  sync_directory(parent_of(to));
}

void require_writable_directory(const fs::path& directory) {
  std::error_code error;
  const fs::path missing = first_missing(directory);
  fs::create_directories(directory, error);
  if (error) {
    if (error.value() == ENOENT) error.assign(ENOTDIR, std::generic_category());  // a dangling link on the way
    throw_errno(error.value(), "create directory", directory);
  }
  sync_names(directory, missing);
  const fs::path moved = directory / ("probe" + temporary_suffix());
  AtomicFile probe(moved);
  probe.write("may this process write here?\n");
  probe.commit();
  if (::unlink(moved.c_str()) != 0) throw_errno(errno, "remove", moved);
}

uint64_t free_bytes(const fs::path& directory) {
  struct statvfs info {};
  if (statvfs(directory.c_str(), &info) != 0) throw_read_errno(errno, directory);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

std::string readable_bytes(uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  for (; value >= 999.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;  // 999.95 would print as 1000.0
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace strata
