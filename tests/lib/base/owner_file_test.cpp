#include "base/owner_file.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process_info.h"
#include "support/environment_number.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

namespace strata {
namespace {

using strata::testing::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kBusy = 69;
const OwnerOptions kFast = {.patience_seconds = 1, .heartbeat_seconds = 0.02};

// More than CI has time for: tests/campaigns/campaign.sh.
void sleep_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// A process of its own that ends with the code of the work or of its Error.
pid_t start(const std::function<int()>& work) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (!freopen("/dev/null", "w", stderr)) _exit(1);
  try {
    _exit(work());
  } catch (const Error& e) {
    _exit(static_cast<int>(e.code()));
  }
}

// -1: of whichever ends next.
int code_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void wait_until_owned(const fs::path& directory) {
  while (!look_at_owner(directory)) sleep_seconds(0.005);  // a file is there before: the temporary one
  sleep_seconds(0.05);
}

pid_t start_owner_for_ever(const fs::path& directory) {
  const pid_t pid = start([&] {
    OwnerFile owner(directory, kFast);
    pause();
    return 0;
  });
  wait_until_owned(directory);
  return pid;
}

size_t files_in(const fs::path& directory) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

// Rewrites fields of the only owner file, as if another machine or job had written it.
void pretend(const fs::path& directory, const nlohmann::json& changes) {
  const fs::path path = fs::directory_iterator(directory)->path();
  auto json = nlohmann::ordered_json::parse(read_text_file(path));
  for (const auto& [key, value] : changes.items()) json[key] = value;
  write_file_atomically(path, json.dump(1) + "\n");
}

// The error of an attempt to own the directory while somebody does.
std::string refusal(const fs::path& directory, const OwnerOptions& options = kFast) {
  try {
    OwnerFile owner(directory, options);
  } catch (const BusyError& e) {
    return e.what();
  }
  return "owned";
}

TEST(OwnerFile, IsPrivateAndOnlyOneIsLeft) {
  ScratchDirectory scratch;
  for (int i = 0; i < 3; ++i) {
    const OwnerFile owner(scratch.path(), kFast);
    EXPECT_TRUE(owner.still_mine());
    struct stat info {};
    ASSERT_EQ(stat(owner.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_EQ(files_in(scratch.path()), 1u);
  }
}

TEST(OwnerFile, ALiveOwnerIsNamed) {
  ScratchDirectory scratch;
  const pid_t owner = start_owner_for_ever(scratch.path());
  const std::string message = refusal(scratch.path());
  EXPECT_THAT(message, HasSubstr(fmt::format("process {} on {}", owner, host_name())));
  EXPECT_THAT(message, HasSubstr("last heartbeat"));
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
}

TEST(OwnerFile, ADeadProcessOfThisMachineIsReplacedAtOnce) {
  ScratchDirectory scratch;
  const pid_t dead = start_owner_for_ever(scratch.path());
  kill(dead, SIGKILL);
  waitpid(dead, nullptr, 0);
  const OwnerFile owner(scratch.path(), {.patience_seconds = 1e9});
  EXPECT_TRUE(owner.still_mine());
  EXPECT_EQ(files_in(scratch.path()), 1u);
}

TEST(OwnerFile, ADeadProcessWhoseNumberIsInUseAgainIsReplacedAtOnce) {
  ScratchDirectory scratch;
  sleep_seconds(0.03);  // the kernel counts start times in hundredths of a second: the owner's must not be this process's own
  const pid_t owner = start_owner_for_ever(scratch.path());
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  pretend(scratch.path(), {{"pid", getpid()}});
  EXPECT_EQ(refusal(scratch.path(), {.patience_seconds = 1e9}), "owned");
}

TEST(OwnerFile, AnotherMachinesOwnerIsReplacedWhenItsHeartbeatStands) {
  ScratchDirectory scratch;
  const pid_t dead = start_owner_for_ever(scratch.path());
  kill(dead, SIGKILL);
  waitpid(dead, nullptr, 0);
  pretend(scratch.path(), {{"host", "elsewhere"}});
  const auto begin = std::chrono::steady_clock::now();
  const OwnerFile owner(scratch.path(), {.patience_seconds = 0.5});
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

TEST(OwnerFile, ALaterStartOfTheSameJobTakesOverAtOnce) {
  ScratchDirectory scratch;
  setenv("SLURM_JOB_ID", "4711", 1);
  const pid_t first = start_owner_for_ever(scratch.path());
  EXPECT_THAT(refusal(scratch.path()), HasSubstr("job 4711"));
  setenv("SLURM_RESTART_COUNT", "1", 1);
  EXPECT_EQ(refusal(scratch.path(), {.patience_seconds = 1e9}), "owned");
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
  kill(first, SIGKILL);
  waitpid(first, nullptr, 0);
}

TEST(OwnerFile, AReleasedDirectoryIsFree) {
  ScratchDirectory scratch;
  EXPECT_EQ(code_of(start([&] {
              OwnerFile owner(scratch.path(), kFast);
              return 0;
            })),
            0);
  pretend(scratch.path(), {{"host", "elsewhere"}});
  EXPECT_EQ(refusal(scratch.path(), {.patience_seconds = 1e9}), "owned");
}

TEST(OwnerFile, AnUnreadableFileCountsAsAnOwnerWithoutHeartbeat) {
  ScratchDirectory scratch;
  write_file_atomically(scratch / "owner-000003.json", std::string_view("{ damaged"));
  const OwnerFile owner(scratch.path(), {.patience_seconds = 0.2});
  EXPECT_EQ(owner.path().filename(), "owner-000004.json");
}

TEST(OwnerFile, AFileThatMayNotBeReadIsRespected) {
  ScratchDirectory scratch;
  fs::create_directory(scratch / "owner-000003.json");  // fails to open for root, too
  EXPECT_THAT(refusal(scratch.path()), HasSubstr("ask its owner"));
}

TEST(OwnerFile, WaitingCanBeStopped) {
  ScratchDirectory scratch;
  write_file_atomically(scratch / "owner-000003.json", std::string_view("{ damaged"));
  try {
    OwnerFile owner(scratch.path(), {.patience_seconds = 1e9, .stop_waiting = [] { return true; }});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kResume);
  }
}

TEST(OwnerFile, AnOwnerThatStoodStillFindsOutBeforeItCommits) {
  const int zombies = testing::number_from("STRATA_ZOMBIES", 2);
  for (int i = 0; i < zombies; ++i) {
    ScratchDirectory scratch;
    const pid_t zombie = start([&] {
      OwnerFile owner(scratch.path(), kFast);
      while (owner.still_mine()) sleep_seconds(0.01);
      owner.require_mine();
      return 0;
    });
    wait_until_owned(scratch.path());
    kill(zombie, SIGSTOP);
    waitpid(zombie, nullptr, WUNTRACED);  // until all its threads stand
    OwnerFile successor(scratch.path(), {.patience_seconds = 0.3});
    kill(zombie, SIGCONT);
    EXPECT_EQ(code_of(zombie), kBusy);
    EXPECT_TRUE(successor.still_mine());
  }
}

// Owns the directory until the file `end` is there; ends with its own code where nobody lets it go.
pid_t start_racer(const fs::path& directory, const fs::path& end) {
  return start([&] {
    const OwnerFile owner(directory, {.patience_seconds = 30, .heartbeat_seconds = 0.01});
    for (int i = 0; i < 4000 && !fs::exists(end); ++i) sleep_seconds(0.005);
    owner.require_mine();
    return fs::exists(end) ? 0 : 1;
  });
}

TEST(OwnerFile, OfManySimultaneousStartsExactlyOneWins) {
  constexpr int kProcesses = 3;
  const int races = testing::number_from("STRATA_OWNER_RACES", 40);
  for (int race = 0; race < races; ++race) {
    ScratchDirectory scratch, other;
    if (race % 2 == 1) {  // everybody finds the same dead owner
      const pid_t dead = start_owner_for_ever(scratch.path());
      kill(dead, SIGKILL);
      waitpid(dead, nullptr, 0);
    }
    for (int i = 0; i < kProcesses; ++i) start_racer(scratch.path(), other / "end");
    std::vector<int> codes;
    for (int i = 0; i < kProcesses; ++i) {
      if (i == kProcesses - 1) write_file_atomically(other / "end", std::string_view());
      codes.push_back(code_of(-1));
    }
    ASSERT_THAT(codes, ElementsAre(kBusy, kBusy, 0)) << "race " << race;
  }
}

}  // namespace
}  // namespace strata
