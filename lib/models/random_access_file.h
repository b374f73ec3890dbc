#pragma once
// A file of which parts are read, each by its offset.

#include "base/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace strata {

// Local. Reading does not move anything, so one object serves several readers.
class RandomAccessFile {
 public:
  // MissingInput where it cannot be opened or is no regular file (a pipe or device would give other bytes each time), IoError.
  explicit RandomAccessFile(const std::filesystem::path& file);

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }
  // FormatError where the file ends before; IoError.
  void read(uint64_t offset, std::span<std::byte> to) const;
  std::string read_text(uint64_t offset, uint64_t bytes) const;

 private:
  void require(uint64_t offset, uint64_t bytes) const;

  std::filesystem::path path_;
  FileDescriptor file_;
  uint64_t size_ = 0;
};

}  // namespace strata
