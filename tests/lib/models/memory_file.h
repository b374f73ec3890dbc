#pragma once
// A file that never meets a disk, for tests that write thousands.

#include "base/file_descriptor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace strata::testing {

class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes = "") : file_(memfd_create("test", MFD_CLOEXEC)) { put(bytes); }

  std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }
  // In the place of what it held.
  void put(const std::string& bytes) {
    EXPECT_EQ(ftruncate(file_.get(), 0), 0);
    EXPECT_EQ(pwrite(file_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

 private:
  FileDescriptor file_;
};

}  // namespace strata::testing
