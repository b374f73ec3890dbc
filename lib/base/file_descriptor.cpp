#include "base/file_descriptor.h"

#include "base/disk_progress.h"
#include "base/error.h"
#include "base/files.h"

#include <fcntl.h>

#include <atomic>
#include <cerrno>

namespace strata {
namespace {

std::atomic<uint64_t> bytes_moved{0};

}  // namespace

uint64_t bytes_to_and_from_disk() { return bytes_moved; }

FileDescriptor FileDescriptor::open_to_read(const fs::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_read_errno(errno, path);
  return file;
}

FileDescriptor FileDescriptor::open_to_write(const fs::path& path, int flags) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0666));
  if (!file && errno == ENOENT && (flags & O_CREAT)) {
    throw CannotCreate("cannot create " + path.string() + ": its directory does not exist. Create it, or name another place");
  }
  if (!file) throw_errno(errno, "open", path);
  return file;
}

void write_all(const FileDescriptor& file, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno(errno, "write", path);
    bytes_moved += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

size_t read_some(const FileDescriptor& file, std::span<std::byte> bytes, const fs::path& path) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_read_errno(errno, path);
    if (got == 0) break;
    bytes_moved += static_cast<uint64_t>(got);
    done += static_cast<size_t>(got);
  }
  return done;
}

void sync_and_close(FileDescriptor file, const fs::path& path) {
  if (::fsync(file.get()) != 0) throw_errno(errno, "sync", path);
  if (::close(file.release()) != 0) throw_errno(errno, "close", path);
}

}  // namespace strata
