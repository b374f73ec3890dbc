// To be preloaded (LD_PRELOAD): each fsync within a checkpoint takes STRATA_SLOW_SYNC seconds, as on a file server that is busy.

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

extern "C" int fsync(int file) {
  std::error_code unknown;
  const std::string path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), unknown);
  const char* seconds = std::getenv("STRATA_SLOW_SYNC");
  if (seconds && path.find("/checkpoints/gen-") != std::string::npos) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(seconds)));
  }
  return static_cast<int>(syscall(SYS_fsync, file));
}
