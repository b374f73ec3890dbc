#include "comm/slurm_time_left.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/process_info.h"
#include "comm/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

namespace strata {

namespace {

constexpr double kTimeoutSeconds = 5;

bool only_ours(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && (info.st_uid == 0 || info.st_uid == geteuid()) &&
         !(info.st_mode & (S_IWGRP | S_IWOTH));
}

std::string squeue_path() {
  std::istringstream folders(environment("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string path = folder + "/squeue";
    if (folder.starts_with('/') && access(path.c_str(), X_OK) == 0 && only_ours(folder) && only_ours(path)) return path;
  }
  return "";
}

// Starts the program with its standard output in the pipe; -1 where that fails.
pid_t start(const std::vector<std::string>& command, const FileDescriptor& output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

// What comes through the pipe until it is closed or the time is over.
std::string read_until(const FileDescriptor& pipe, double deadline) {
  std::string text;
  for (;;) {
    pollfd waiting{pipe.get(), POLLIN, 0};
    const double left = deadline - monotonic_seconds();
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left * 1000) + 1) <= 0) return text;
    char block[256];
    const ssize_t got = read(pipe.get(), block, sizeof block);
    if (got <= 0) return text;
    text.append(block, static_cast<size_t>(got));
  }
}

std::optional<std::string> output_of(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  FileDescriptor reading(ends[0]), writing(ends[1]);
  const pid_t pid = start(command, writing);
  writing.reset();
  if (pid < 0) return std::nullopt;
  std::string text = read_until(reading, monotonic_seconds() + kTimeoutSeconds);
  kill(pid, SIGKILL);  // harmless where it has ended: it is ours until waited for
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return text;
}

}  // namespace

std::optional<double> slurm_time_left() {
  const std::string job = environment("SLURM_JOB_ID"), squeue = squeue_path();
  const bool is_job = !job.empty() && std::all_of(job.begin(), job.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!is_job || squeue.empty()) return std::nullopt;
  std::string text = output_of({squeue, "-h", "-j", job, "-o", "%L"}).value_or("");
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); }), text.end());
  try {
    return parse_duration(text);
  } catch (const UsageError&) {  // UNLIMITED, NOT_SET, INVALID, or no answer
    log_debug("squeue says '{}' of the time left", text);
    return std::nullopt;
  }
}

}  // namespace strata
