#include "support/fault_injection.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <mutex>

namespace strata::testing {
namespace {

constexpr int kMostFiles = 4096;

Fault armed;
std::atomic<int> calls = -1;  // below 0: not armed
std::array<std::atomic<bool>, kMostFiles> opened_to_write{};

std::atomic<bool> recording = false;
std::mutex record_mutex;
std::vector<FileCall> record_of_calls;

// True where this call must fail; does not return where the process must die. `half` is done before.
template <typename Half>
bool strikes(const Half& half, bool is_sync = false) {
  if (calls < 0 || (armed.only_syncs && !is_sync) || ++calls != armed.at) return false;
  if (armed.error == 0) {
    half();
    kill(getpid(), SIGKILL);
  }
  errno = armed.error;
  return true;
}

bool strikes() {
  return strikes([] {});
}

void note(FileCall call) {
  const std::lock_guard lock(record_mutex);
  record_of_calls.push_back(std::move(call));
}

// For calls that give 0 where they succeed.
int noted(long result, FileCall::Kind kind, const std::filesystem::path& path, const std::filesystem::path& to = {}) {
  if (recording && result == 0) note({.kind = kind, .path = path, .to = to});
  return static_cast<int>(result);
}

std::filesystem::path path_of(int file) {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), unknown);
}

std::filesystem::path path_in(int folder, const char* path) { return folder == AT_FDCWD ? path : path_of(folder) / path; }

int noted_sync(long call, int file) {
  const int result = static_cast<int>(syscall(call, file));
  if (recording && result == 0) note({.kind = FileCall::Kind::kSync, .path = path_of(file)});
  return result;
}

int noted_removal(int folder, const char* path, int flags) {
  const auto name = recording ? path_in(folder, path) : std::filesystem::path();
  return noted(syscall(SYS_unlinkat, folder, path, flags), FileCall::Kind::kRemove, name);
}

// `at` is where the call began to write; below 0: where the file stands now less what was written.
ssize_t noted_write(ssize_t written, int file, const void* bytes, off_t at) {
  if (!recording || written <= 0) return written;
  const off_t begin = at >= 0 ? at : syscall(SYS_lseek, file, 0, SEEK_CUR) - written;
  note({.kind = FileCall::Kind::kWrite,
        .path = path_of(file),
        .to = {},
        .at = static_cast<uint64_t>(begin),
        .bytes = std::string(static_cast<const char*>(bytes), static_cast<size_t>(written))});
  return written;
}

void note_open(const char* path, int flags, bool was_there) {
  if (was_there && (flags & O_TRUNC) != 0) note({.kind = FileCall::Kind::kEmpty, .path = path});
  if (!was_there) note({.kind = FileCall::Kind::kCreate, .path = path});
}

int open_file(const char* path, int flags, mode_t mode) {
  const bool to_write = (flags & O_ACCMODE) != O_RDONLY;
  if (to_write && strikes()) return -1;
  const bool was_there = !to_write || !recording || access(path, F_OK) == 0;
  const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (recording && to_write && file >= 0) note_open(path, flags, was_there);
  if (to_write && file >= 0 && file < kMostFiles) opened_to_write[static_cast<size_t>(file)] = true;
  return file;
}

bool was_opened_to_write(int file) {
  return file >= 0 && file < kMostFiles && opened_to_write[static_cast<size_t>(file)].exchange(false);
}

}  // namespace

void arm(const Fault& fault) {
  armed = fault;
  calls = 0;
}

int disarm() { return calls.exchange(-1); }

void record() {
  const std::lock_guard lock(record_mutex);
  record_of_calls.clear();
  recording = true;
}

std::vector<FileCall> recorded() {
  recording = false;
  const std::lock_guard lock(record_mutex);
  return std::move(record_of_calls);
}

}  // namespace strata::testing

using strata::testing::noted;
using strata::testing::noted_removal;
using strata::testing::noted_sync;
using strata::testing::noted_write;
using strata::testing::strikes;
using Kind = strata::testing::FileCall::Kind;

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  return strata::testing::open_file(path, flags, mode);
}

ssize_t write(int file, const void* bytes, size_t size) {
  if (strikes([&] { syscall(SYS_write, file, bytes, size / 2); })) return -1;
  return noted_write(syscall(SYS_write, file, bytes, size), file, bytes, -1);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  if (strikes([&] { syscall(SYS_pwrite64, file, bytes, size / 2, at); })) return -1;
  return noted_write(syscall(SYS_pwrite64, file, bytes, size, at), file, bytes, at);
}

int fsync(int file) {
  return strikes([] {}, true) ? -1 : noted_sync(SYS_fsync, file);
}

int fdatasync(int file) {
  return strikes([] {}, true) ? -1 : noted_sync(SYS_fdatasync, file);
}

int ftruncate(int file, off_t size) noexcept { return strikes() ? -1 : static_cast<int>(syscall(SYS_ftruncate, file, size)); }

int truncate(const char* path, off_t size) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_truncate, path, size));
}

// As Linux does it, the number is free after a failure, too.
int close(int file) {
  const bool fails = strata::testing::was_opened_to_write(file) && strikes();
  const int error = errno;
  const int result = static_cast<int>(syscall(SYS_close, file));
  if (!fails) return result;
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  return strikes() ? -1 : noted(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), Kind::kRename, from, to);
}

int link(const char* from, const char* to) noexcept {
  return strikes() ? -1 : noted(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0), Kind::kLink, from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return strikes() ? -1 : noted(syscall(SYS_mkdirat, AT_FDCWD, path, mode), Kind::kMakeFolder, path);
}

int unlinkat(int folder, const char* path, int flags) noexcept { return strikes() ? -1 : noted_removal(folder, path, flags); }

int unlink(const char* path) noexcept { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char* path) noexcept { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char* path) noexcept {
  if (strikes()) return -1;
  const int removed = noted_removal(AT_FDCWD, path, 0);
  return removed == 0 || errno != EISDIR ? removed : noted_removal(AT_FDCWD, path, AT_REMOVEDIR);
}

}  // extern "C"
