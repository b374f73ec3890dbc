#pragma once
// An open file that is closed at the end of its scope.

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

namespace strata {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    reset();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }

  // open(2) with O_CLOEXEC; the same errors as throw_errno and throw_read_errno. New files have mode 0666 less the umask.
  static FileDescriptor open_to_read(const std::filesystem::path& path);
  static FileDescriptor open_to_write(const std::filesystem::path& path, int flags);

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

// write(2) until all is written; `path` is for the error.
void write_all(const FileDescriptor& file, std::span<const std::byte> bytes, const std::filesystem::path& path);
// read(2) of up to `bytes.size()` bytes; fewer only at the end of the file.
size_t read_some(const FileDescriptor& file, std::span<std::byte> bytes, const std::filesystem::path& path);
// fsync(2), then close(2), both checked: file systems over the network report a full quota there.
void sync_and_close(FileDescriptor file, const std::filesystem::path& path);

}  // namespace strata
