#include "apps/training_process.h"

#include "base/temporary_name.h"
#include "pipeline/pipeline.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<pid_t> descendants_of(pid_t ancestor) {
  const std::string name = std::to_string(ancestor);
  std::istringstream list(text_of("/proc/" + name + "/task/" + name + "/children"));
  std::vector<pid_t> descendants;
  for (pid_t child = 0; list >> child;) {
    descendants.push_back(child);
    for (const pid_t grandchild : descendants_of(child)) descendants.push_back(grandchild);
  }
  return descendants;
}

// Of a child of mpirun that is a rank of ours; -1 otherwise.
int rank_of(pid_t process, const std::string& name) {
  const std::string environment = text_of("/proc/" + std::to_string(process) + "/environ");
  const std::string key = std::string(1, '\0') + "OMPI_COMM_WORLD_RANK=";
  const size_t at = environment.find(key);
  const bool exec_done = text_of("/proc/" + std::to_string(process) + "/comm").starts_with(name.substr(0, 15));
  return at == std::string::npos || !exec_done ? -1 : std::atoi(environment.c_str() + at + key.size());
}

bool alive(pid_t process) {
  const std::string stat = text_of("/proc/" + std::to_string(process) + "/stat");
  const size_t end = stat.rfind(')');
  return end != std::string::npos && stat.compare(end, 4, ") Z ") != 0;
}

// What starts a program: "NAME=value ... mpirun OPTION... 'PATH' ".
struct Start {
  explicit Start(const std::string& command) {
    const size_t launcher_at = command.find("mpirun"), path_at = command.find('\'', launcher_at);
    exports = "export " + command.substr(0, launcher_at) + "; ";
    launcher = command.substr(launcher_at, path_at - launcher_at);
    path = command.substr(path_at);
  }
  std::string exports, launcher, path;
};

// The child is mpirun itself.
std::string exec_of(const std::string& name, int ranks, const std::string& arguments) {
  const Start start(program(name, ranks));
  return start.exports + "exec " + start.launcher + start.path + arguments;
}

std::string job_script_of(const std::string& name, int ranks, const std::string& arguments, const fs::path& folder) {
  const Start start(program(name, ranks));
  return start.exports + fmt::format(
                             "set -eu; cd '{}'; mkdir -p jobs/clusters; echo \"LAUNCH='{}' STRATA_BIN='{}'\" > "
                             "jobs/clusters/test.env; CLUSTER=test CHAIN=1; . '{}'; run {} {}",
                             folder.string(), start.launcher, executable(name).parent_path().string(),
                             (source_dir() / "jobs/launch.sh").string(), name, arguments);
}

// Oldest first.
std::vector<fs::path> generations_of(const fs::path& run) {
  std::error_code none;
  std::vector<fs::path> generations;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", none)) {
    if (entry.path().filename().string().starts_with("gen-") && !is_temporary(entry.path())) generations.push_back(entry.path());
  }
  std::sort(generations.begin(), generations.end());
  return generations;
}

}  // namespace

TrainingProcess::TrainingProcess(int ranks, const std::string& arguments, const fs::path& log, const std::string& name,
                                 StartedBy started_by)
    : ranks_wanted_(ranks), log_(log), name_(name) {
  const std::string script = started_by == StartedBy::kMpirun ? exec_of(name, ranks, arguments)
                                                              : job_script_of(name, ranks, arguments, log.parent_path());
  launcher_ = fork();
  if (launcher_ < 0) throw std::runtime_error("cannot fork");
  if (launcher_ > 0) return;
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execl("/bin/bash", "bash", "-c", script.c_str(), nullptr);
  _exit(127);
}

TrainingProcess::~TrainingProcess() {
  if (!running()) return;
  signal_ranks(SIGKILL);
  kill(launcher_, SIGKILL);
  wait();
}

void TrainingProcess::signal_ranks(int number) {
  for (pid_t rank : ranks()) kill(rank, number);
}

bool TrainingProcess::running() {
  if (ended_) return false;
  ended_ = waitpid(launcher_, &status_, WNOHANG) == launcher_;
  return !ended_;
}

const std::vector<pid_t>& TrainingProcess::ranks() {
  if (!ranks_.empty() || !running()) return ranks_;
  std::vector<pid_t> found(static_cast<size_t>(ranks_wanted_), 0);
  for (pid_t child : descendants_of(launcher_)) {
    const int rank = rank_of(child, name_);
    if (rank >= 0 && rank < ranks_wanted_) found[static_cast<size_t>(rank)] = child;
  }
  if (std::count(found.begin(), found.end(), 0) == 0) ranks_ = found;
  return ranks_;
}

bool TrainingProcess::wait_until(const std::function<bool()>& condition) {
  while (running()) {
    if (condition()) return true;
    pause();
  }
  return false;
}

int TrainingProcess::wait() {
  ranks();
  while (running()) pause();
  while (std::any_of(ranks_.begin(), ranks_.end(), alive)) pause();
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string TrainingProcess::log() const { return text_of(log_); }

int rows_of(const fs::path& csv) {
  const std::string text = text_of(csv);
  return std::max<int>(0, static_cast<int>(std::count(text.begin(), text.end(), '\n')) - 1);
}

int generations_in(const fs::path& run) { return static_cast<int>(generations_of(run).size()); }

int newest_step_in(const fs::path& run) {
  const std::vector<fs::path> generations = generations_of(run);
  if (generations.empty()) return 0;
  const auto state = nlohmann::json::parse(text_of(generations.back() / "state.json"), nullptr, /*allow_exceptions=*/false);
  return state.is_object() ? state.value("step", 0) : 0;  // it may have made way meanwhile
}

}  // namespace strata::testing
