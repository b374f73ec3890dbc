#include "lib/training/fault_injection.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace strata::testing {
namespace {

Fault armed;
int calls = -1;  // below 0: not armed

// True where this call must fail; does not return where the process must die. `half` is done before.
template <typename Half>
bool strikes(const Half& half) {
  if (calls < 0 || ++calls != armed.at) return false;
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

}  // namespace

void arm(const Fault& fault) {
  armed = fault;
  calls = 0;
}

int disarm() {
  const int seen = calls;
  calls = -1;
  return seen;
}

}  // namespace strata::testing

using strata::testing::strikes;

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  if (strikes([&] { syscall(SYS_write, file, bytes, size / 2); })) return -1;
  return syscall(SYS_write, file, bytes, size);
}

int fsync(int file) { return strikes() ? -1 : static_cast<int>(syscall(SYS_fsync, file)); }

int rename(const char* from, const char* to) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int mkdir(const char* path, mode_t mode) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int unlink(const char* path) noexcept { return strikes() ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); }

int unlinkat(int folder, const char* path, int flags) noexcept {
  return strikes() ? -1 : static_cast<int>(syscall(SYS_unlinkat, folder, path, flags));
}

}  // extern "C"
