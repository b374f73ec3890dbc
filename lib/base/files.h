#pragma once
// Files that appear whole or not at all, and errors that name the path and the remedy.

#include "base/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

namespace fs = std::filesystem;

// The exception for a failed call: errno's meaning, the path, and what to do. ENOSPC, EDQUOT (space *or* number of files), EIO,
// EFBIG give IoError; EACCES, EROFS, EPERM, ENOTDIR, EEXIST on creation give CannotCreate; ENOENT on reading gives MissingInput.
[[noreturn]] void throw_errno(int error, std::string_view doing, const fs::path& path);
// The same where the file was to be read: whatever keeps it from being opened (EACCES, ENOTDIR, ...) gives MissingInput.
[[noreturn]] void throw_read_errno(int error, const fs::path& path);

// Reads a whole file; MissingInput or IoError.
std::vector<std::byte> read_file(const fs::path& path);
std::string read_text_file(const fs::path& path);

// A new file written under a temporary name beside its target: write..., then commit() syncs, closes, renames over the target and
// syncs the folder. Destroyed without commit() it leaves nothing. Every result is checked, close() too (NFS reports quota there).
class AtomicFile {
 public:
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  const fs::path& temporary_path() const { return temporary_; }
  void commit();

 private:
  fs::path target_;
  fs::path temporary_;
  FileDescriptor file_;
};

void write_file_atomically(const fs::path& target, std::string_view text);
void write_file_atomically(const fs::path& target, std::span<const std::byte> bytes);

void sync_file(const fs::path& path);
void sync_directory(const fs::path& directory);
// Renames and syncs the parent.
void rename_durably(const fs::path& from, const fs::path& to);

// Creates the directory (and parents) and proves that files can be created, synced, renamed and removed in it; CannotCreate else.
void require_writable_directory(const fs::path& directory);

// Bytes that a user of this file system may still write.
uint64_t free_bytes(const fs::path& directory);

// 1234567 -> "1.2 MB" (powers of 1000), for people.
std::string readable_bytes(uint64_t bytes);

}  // namespace strata
