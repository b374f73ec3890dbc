#pragma once
// Makes the n-th system call that changes files fail, or the process die there: with every n in turn, every moment of a protocol
// is met. Or writes those calls down, for what a crash of the machine leaves of them (crash_states.h).

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata::testing {

struct Fault {
  int at = 0;  // counted from 1 over open to write, write, pwrite, ftruncate, truncate, fsync, fdatasync, close of what was
               // opened to write, rename, link, mkdir, unlink, remove and rmdir together, of all threads
  int error = 0;            // errno of the failing call; 0: SIGKILL, in the middle of the data where the call is a write
  bool only_syncs = false;  // fsync and fdatasync alone are counted and struck
};

// From now on calls of this process are counted and the fault strikes once. Links into a test program take the place of libc's
// functions.
void arm(const Fault& fault);
// Gives the number of calls since arm().
int disarm();

// A call that succeeded.
struct FileCall {
  enum class Kind { kCreate, kEmpty, kWrite, kSync, kMakeFolder, kLink, kRename, kRemove };
  Kind kind = Kind::kSync;
  std::filesystem::path path = {};  // absolute, as the file was named then
  std::filesystem::path to = {};    // of kLink and kRename
  uint64_t at = 0;                  // first byte of kWrite
  std::string bytes = {};           // of kWrite
};

// From now on the calls of this process are written down.
void record();
// The calls since record(), which it ends.
std::vector<FileCall> recorded();

}  // namespace strata::testing
