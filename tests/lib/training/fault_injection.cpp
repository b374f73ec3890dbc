#include "lib/training/fault_injection.h"

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

namespace strata::testing {
namespace {

constexpr int kMostFiles = 4096;

Fault armed;
std::atomic<int> calls = -1;  // below 0: not armed
std::array<std::atomic<bool>, kMostFiles> opened_to_write{};

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

int open_file(const char* path, int flags, mode_t mode) {
  const bool to_write = (flags & O_ACCMODE) != O_RDONLY;
  if (to_write && strikes()) return -1;
  const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
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

}  // namespace strata::testing

using strata::testing::strikes;

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
  return syscall(SYS_write, file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  if (strikes([&] { syscall(SYS_pwrite64, file, bytes, size / 2, at); })) return -1;
  return syscall(SYS_pwrite64, file, bytes, size, at);
}

int fsync(int file) {
  return strikes([] {}, true) ? -1 : static_cast<int>(syscall(SYS_fsync, file));
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
  return strikes() ? -1 : static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int link(const char* from, const char* to) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int mkdir(const char* path, mode_t mode) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int unlink(const char* path) noexcept { return strikes() ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); }

int unlinkat(int folder, const char* path, int flags) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_unlinkat, folder, path, flags));
}

}  // extern "C"
