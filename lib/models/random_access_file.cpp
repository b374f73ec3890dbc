#include "models/random_access_file.h"

#include "base/error.h"
#include "base/files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace strata {

RandomAccessFile::RandomAccessFile(const std::filesystem::path& file) : path_(file), file_(FileDescriptor::open_to_read(file)) {
  struct stat info {};
  if (fstat(file_.get(), &info) != 0) throw_read_errno(errno, path_);
  if (!S_ISREG(info.st_mode)) throw MissingInput(fmt::format("cannot read {}: it is not a regular file", path_.string()));
  size_ = static_cast<uint64_t>(info.st_size);
}

void RandomAccessFile::require(uint64_t offset, uint64_t bytes) const {
  if (offset <= size_ && bytes <= size_ - offset) return;
  throw FormatError(fmt::format("it ends after {} bytes, but {} from {} on are needed", size_, bytes, offset));
}

void RandomAccessFile::read(uint64_t offset, std::span<std::byte> to) const {
  require(offset, to.size());
  while (!to.empty()) {
    const ssize_t got = pread(file_.get(), to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_read_errno(errno, path_);
    if (got == 0) throw IoError(fmt::format("{} became shorter while it was read: is it being written?", path_.string()));
    to = to.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
}

std::string RandomAccessFile::read_text(uint64_t offset, uint64_t bytes) const {
  require(offset, bytes);  // before memory is taken for it
  std::string text(static_cast<size_t>(bytes), '\0');
  read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace strata
