#include "run/run_files.h"

#include "base/error.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <fstream>

namespace strata {
namespace {

using testing::ScratchDirectory;
namespace fs = std::filesystem;

void touch(const fs::path& file) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "x";
}

TEST(RunFiles, ANewDirectoryIsMade) {
  ScratchDirectory scratch;
  require_run_directory(RunFiles(scratch / "a/b"));
  EXPECT_TRUE(fs::is_directory(scratch / "a/b"));
}

TEST(RunFiles, AnEarlierRunAndASchedulersOutputAreAccepted) {
  ScratchDirectory scratch;
  touch(scratch / "job/slurm-17.out");
  EXPECT_NO_THROW(require_run_directory(RunFiles(scratch / "job")));
  touch(scratch / "old/run.json");
  touch(scratch / "old/notes.txt");
  EXPECT_NO_THROW(require_run_directory(RunFiles(scratch / "old")));
}

TEST(RunFiles, ADirectoryOfOtherThingsIsRefused) {
  ScratchDirectory scratch;
  touch(scratch / "home/thesis.tex");
  EXPECT_THROW(require_run_directory(RunFiles(scratch / "home")), CannotCreate);
  touch(scratch / "file");
  EXPECT_THROW(require_run_directory(RunFiles(scratch / "file")), CannotCreate);
}

TEST(RunFiles, OnlyOurOwnTemporariesAreSweptAway) {
  ScratchDirectory scratch;
  const RunFiles files(scratch / "run");
  for (const char* name :
       {"run.json.tmp-1", "weights/last.safetensors.tmp-2", "owner-000002.json.tmp-3", "probe.tmp-4", "run.json"}) {
    touch(files.directory / name);
  }
  remove_temporaries(files);
  EXPECT_FALSE(fs::exists(files.directory / "run.json.tmp-1"));
  EXPECT_FALSE(fs::exists(files.directory / "weights/last.safetensors.tmp-2"));
  EXPECT_TRUE(fs::exists(files.directory / "owner-000002.json.tmp-3"));
  EXPECT_TRUE(fs::exists(files.directory / "probe.tmp-4"));
  EXPECT_TRUE(fs::exists(files.directory / "run.json"));
}

}  // namespace
}  // namespace strata
