#include "comm/slurm_time_left.h"

#include "comm/stop.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace strata {
namespace {

namespace fs = std::filesystem;

// A folder on PATH with a squeue that answers `script`.
class SlurmTimeLeft : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("PATH", (scratch_.path().string() + ":" + path_).c_str(), 1);
    setenv("SLURM_JOB_ID", "42", 1);
  }
  void TearDown() override {
    setenv("PATH", path_.c_str(), 1);
    unsetenv("SLURM_JOB_ID");
  }
  void squeue_answers(const std::string& script) {
    std::ofstream(scratch_ / "squeue") << "#!/bin/sh\n" << script << '\n';
    fs::permissions(scratch_ / "squeue", fs::perms::owner_all);
  }

  strata::testing::ScratchDirectory scratch_;
  const std::string path_ = std::getenv("PATH");
};

TEST_F(SlurmTimeLeft, IsAskedOfSqueueForThisJob) {
  squeue_answers("[ \"$*\" = '-h -j 42 -o %L' ] && echo 1-00:00:10");
  EXPECT_EQ(slurm_time_left(), 86410);
}

TEST_F(SlurmTimeLeft, WithoutALimitThereIsNone) {
  for (const char* answer : {"echo UNLIMITED", "echo NOT_SET", "echo INVALID", "exit 1"}) {
    squeue_answers(answer);
    EXPECT_EQ(slurm_time_left(), std::nullopt) << answer;
  }
}

TEST_F(SlurmTimeLeft, OutsideAJobNobodyIsAsked) {
  squeue_answers("echo 1:00");
  unsetenv("SLURM_JOB_ID");
  EXPECT_EQ(slurm_time_left(), std::nullopt);
  setenv("SLURM_JOB_ID", "42; rm -r /", 1);
  EXPECT_EQ(slurm_time_left(), std::nullopt);
}

TEST_F(SlurmTimeLeft, AProgramThatOthersCanWriteIsNotStarted) {
  squeue_answers("echo 1:00");
  EXPECT_EQ(slurm_time_left(), 60);
  fs::permissions(scratch_ / "squeue", fs::perms::owner_all | fs::perms::group_write);
  EXPECT_EQ(slurm_time_left(), std::nullopt);
  fs::permissions(scratch_ / "squeue", fs::perms::owner_all);
  fs::permissions(scratch_.path(), fs::perms::all);
  EXPECT_EQ(slurm_time_left(), std::nullopt);
}

TEST_F(SlurmTimeLeft, AHangingSqueueCostsFiveSeconds) {
  squeue_answers("exec sleep 60");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(slurm_time_left(), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
}

TEST_F(SlurmTimeLeft, AChangedLimitIsSeenWhileTheJobRuns) {
  unsetenv("SLURM_JOB_END_TIME");
  squeue_answers("echo 1:00:00");
  const StopConditions stop({.time_limit = "", .stop_at = "", .ask_again_seconds = 0.05}, Communicator());
  EXPECT_NEAR(stop.seconds_left(), 3600, 5);
  squeue_answers("echo 10:00");  // scontrol update TimeLimit=...
  for (int i = 0; i < 200 && stop.seconds_left() > 1000; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_NEAR(stop.seconds_left(), 600, 15);
  EXPECT_TRUE(stop.reason_to_stop(700));
  squeue_answers("exit 1");  // no answer changes nothing
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_NEAR(stop.seconds_left(), 600, 20);
}

TEST_F(SlurmTimeLeft, ALimitByOptionIsNotChangedBySlurm) {
  squeue_answers("echo 10:00");
  const StopConditions stop({.time_limit = "1:00:00", .stop_at = "", .ask_again_seconds = 0.02}, Communicator());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_GT(stop.seconds_left(), 3000);
}

}  // namespace
}  // namespace strata
