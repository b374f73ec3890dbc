// Commits that are killed, or that fail, at each of their system calls; full disks.

#include "base/error.h"
#include "base/files.h"
#include "support/fault_injection.h"
#include "support/paths.h"
#include "training/checkpoint_store.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>

namespace strata {
namespace {

using ::testing::AnyOf;
using testing::arm;
using testing::disarm;
using ::testing::HasSubstr;
using testing::ScratchDirectory;

Checkpoint checkpoint_of(int number, int64_t floats = 6) {
  Checkpoint checkpoint;
  checkpoint.model.tensors = {{"weight", torch::full({floats}, number, torch::kFloat)}};
  checkpoint.optimizer.tensors = {{"momentum.weight", torch::full({floats}, -number, torch::kFloat)}};
  checkpoint.state = {{"step", number}};
  return checkpoint;
}

// The number of the newest whole checkpoint, whose parts must belong together; 0 where there is none.
int newest_number(const fs::path& directory) {
  const auto found = CheckpointStore(directory, {}).load_newest();
  if (!found) return 0;
  const int number = found->state.at("step").get<int>();
  EXPECT_EQ(found->model.find("weight")->max().item<int>(), number);
  EXPECT_EQ(found->optimizer.find("momentum.weight")->max().item<int>(), -number);
  return number;
}

// The exit status of `work` in a process of its own; it ends with 99 where `work` throws.
int status_of_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

// Two checkpoints, copied anew for each fault.
class CheckpointFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    CheckpointStore store(scratch_ / "template", {});
    for (int i = 1; i <= 2; ++i) store.commit(checkpoint_of(i));
  }
  fs::path fresh_copy() {
    const fs::path copy = scratch_ / fmt::format("copy-{}", copies_++);
    fs::copy(scratch_ / "template", copy, fs::copy_options::recursive);
    return copy;
  }
  ScratchDirectory scratch_;
  int copies_ = 0;
};

TEST_F(CheckpointFaults, AKillAtAnyCallLeavesAWholeCheckpointAndTheNextCommitWorks) {
  int killed = 0, with_marker = 0, old_ones = 0;
  for (int at = 1;; ++at) {
    const fs::path directory = fresh_copy();
    CheckpointStore store(directory, {});
    const int status = status_of_child([&] {
      arm({.at = at});
      store.commit(checkpoint_of(3));
      return 0;
    });
    if (!WIFSIGNALED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      break;
    }
    ++killed;
    with_marker += fs::exists(directory / "writing");
    const int number = newest_number(directory);
    EXPECT_THAT(number, AnyOf(2, 3)) << "killed at call " << at;
    old_ones += number == 2;
    CheckpointStore(directory, {}).commit(checkpoint_of(4));
    EXPECT_EQ(newest_number(directory), 4) << "killed at call " << at;
    fs::remove_all(directory);
  }
  EXPECT_GT(killed, 20);
  EXPECT_GE(with_marker, killed - 2);  // all but the first call, which makes the marker, and the last, which removes it
  EXPECT_GT(old_ones, 15);
  EXPECT_LT(old_ones, killed) << "the kills never came after the commit";
}

TEST_F(CheckpointFaults, AFailureOfAnyCallIsReportedOrHarmlessAndLeavesAWholeCheckpoint) {
  for (const int error : {ENOSPC, EDQUOT, EIO, EFBIG, EROFS}) {
    int reported = 0;
    for (int at = 1;; ++at) {
      const fs::path directory = fresh_copy();
      CheckpointStore store(directory, {});
      ::testing::internal::CaptureStderr();
      arm({.at = at, .error = error});
      int expected = 3;
      try {
        store.commit(checkpoint_of(3));
      } catch (const Error& e) {
        disarm();
        ++reported;
        expected = 2;
        EXPECT_EQ(e.code(), error == EROFS ? ExitCode::kCannotCreate : ExitCode::kIo) << e.what();
        EXPECT_THAT(e.what(), HasSubstr("last good one is checkpoint gen-000002"));
      }
      const int calls = disarm();
      ::testing::internal::GetCapturedStderr();
      EXPECT_EQ(newest_number(directory), expected) << std::strerror(error) << " at call " << at;
      fs::remove_all(directory);
      if (calls >= 0 && calls < at) break;
    }
    EXPECT_GT(reported, 15) << std::strerror(error);
  }
}

// What a sync could not bring to the disk is lost by the system and never written again: the commit must not stand.
TEST_F(CheckpointFaults, AFailedSyncIsAFailedCommit) {
  for (const int error : {ENOSPC, EDQUOT, EIO}) {
    int syncs = 0;
    for (int at = 1;; ++at) {
      const fs::path directory = fresh_copy();
      CheckpointStore store(directory, {});
      arm({.at = at, .error = error, .only_syncs = true});
      bool failed = false;
      try {
        store.commit(checkpoint_of(3));
      } catch (const Error& e) {
        failed = true;
        EXPECT_EQ(e.code(), ExitCode::kIo) << e.what();
      }
      if (disarm() < at) break;
      ++syncs;
      EXPECT_TRUE(failed) << std::strerror(error) << " at sync " << at;
      EXPECT_EQ(newest_number(directory), 2) << std::strerror(error) << " at sync " << at;
      fs::remove_all(directory);
    }
    EXPECT_GE(syncs, 4 + 4 + 2);  // files, the folder after each, the folder itself and the one it is renamed in
  }
}

// Runs `work` with a small file system of its own at `directory`.
int with_tmpfs(const fs::path& directory, const char* options, const std::function<int()>& work) {
  fs::create_directories(directory);
  const auto map_to_root = [](const char* file, unsigned id) { std::ofstream(file) << "0 " << id << " 1"; };
  const unsigned user = getuid(), group = getgid();
  const int status = status_of_child([&] {
    if (unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return 90;
    if (user != 0) {
      std::ofstream("/proc/self/setgroups") << "deny";
      map_to_root("/proc/self/uid_map", user);
      map_to_root("/proc/self/gid_map", group);
    }
    // EINVAL: the root of a chroot is no mount.
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 && errno != EINVAL) return 91;
    if (mount("tmpfs", directory.c_str(), "tmpfs", 0, options) != 0) return 92;
    return work();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_THAT(WEXITSTATUS(status), ::testing::Not(AnyOf(90, 91, 92)))
      << "this test must be allowed to mount a tmpfs (root, or user namespaces)";
  return WEXITSTATUS(status);
}

// 0 where a commit that does not fit fails with IoError, names the room that there is, and leaves the checkpoint before.
int fill(const fs::path& directory, int64_t floats_that_fit, int64_t floats_too_many) {
  CheckpointStore store(directory, {});
  store.commit(checkpoint_of(1, floats_that_fit));
  try {
    for (int i = 2; i < 10; ++i) store.commit(checkpoint_of(1, floats_too_many));
    return 1;
  } catch (const IoError& e) {
    if (std::string(e.what()).find("free") == std::string::npos) return 2;
  }
  if (newest_number(directory) != 1) return 3;
  CheckpointStore again(directory, {});
  again.commit(checkpoint_of(2, floats_that_fit));  // nothing half written is in the way
  return newest_number(directory) == 2 ? 0 : 4;
}

TEST(FullDisk, FailsTheCommitAndLeavesTheCheckpointBefore) {
  ScratchDirectory scratch;
  EXPECT_EQ(with_tmpfs(scratch / "small", "size=1m", [&] { return fill(scratch / "small" / "c", 10'000, 200'000); }), 0);
}

TEST(FullDisk, WithoutRoomForMoreFilesFailsTheCommitToo) {
  ScratchDirectory scratch;
  const auto work = [&] {
    CheckpointStore store(scratch / "few", {});
    store.commit(checkpoint_of(1));
    try {
      for (int i = 2; i < 6; ++i) store.commit(checkpoint_of(i));
      return 1;
    } catch (const IoError&) {
      return newest_number(scratch / "few") >= 1 ? 0 : 3;
    }
  };
  EXPECT_EQ(with_tmpfs(scratch / "few", "nr_inodes=9", work), 0);
}

// 0 where it is an IoError that says all of this, and leaves nothing behind.
int refused(const fs::path& directory, uint64_t generation_bytes, const std::string& sentence) {
  const CheckpointStore store(directory, {});
  try {
    store.require_room(generation_bytes, 0);
    return 1;
  } catch (const IoError& e) {
    if (std::string(e.what()).find(sentence) == std::string::npos) return 2;
  }
  return fs::is_empty(directory) ? 0 : 3;
}

TEST(Room, ForThreeCheckpointsIsAskedForBeforeTheStart) {
  ScratchDirectory scratch;
  const auto work = [&] {
    const fs::path directory = scratch / "small" / "c";
    if (const int wrong = refused(directory, 400'000, "Nothing was trained yet")) return wrong;
    CheckpointStore(directory, {}).require_room(300'000, 0);
    return fs::is_empty(directory) ? 0 : 4;
  };
  EXPECT_EQ(with_tmpfs(scratch / "small", "size=1m", work), 0);
}

TEST(Room, CheckpointsThatAreThereAlreadyNeedNoMore) {
  ScratchDirectory scratch;
  const auto work = [&] {
    CheckpointStore store(scratch / "small" / "c", {});
    for (int i = 1; i <= 2; ++i) store.commit(checkpoint_of(i, 40'000));  // 320 kB each
    store.require_room(320'000, 0);                                       // for the third, which replaces the first
    return 0;
  };
  EXPECT_EQ(with_tmpfs(scratch / "small", "size=1m", work), 0);
}

TEST(Room, ALimitOnFileSizesShowsBeforeTheStart) {
  ScratchDirectory scratch;
  const int status = status_of_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);  // as main() does
    const rlimit limit{50'000, 50'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 9;
    return refused(scratch / "c", 100'000, "ulimit -f");
  });
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace strata
