#pragma once
// Where tests find things, and a folder of their own to write in.

#include <filesystem>
#include <string>

namespace strata::testing {

std::filesystem::path source_dir();                         // the repository
std::filesystem::path executable(const std::string& name);  // build tree's bin/NAME
std::filesystem::path shared_dir();  // numbers of the reference; only for tests registered under STRATA_HAS_SHARED
std::filesystem::path python();      // with h5py, Pillow, safetensors, tensorboard

// A new empty folder, removed with everything in it at the end of its scope.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct CommandResult {
  int exit_code = 0;   // 128 + signal where one ended it
  std::string output;  // stdout
  std::string errors;  // stderr
};
// Runs a shell command as a user would; standard input is empty.
CommandResult run_command(const std::string& command);

}  // namespace strata::testing
