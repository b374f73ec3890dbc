#include "data/staging.h"

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "comm/agreement.h"
#include "comm/stop.h"
#include "data/dataset.h"
#include "support/isolation.h"
#include "support/paths.h"
#include "written_shard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

// One dataset and one node's disk, shared by all ranks.
class Staging : public ::testing::Test {
 protected:
  Staging() {
    if (world_.is_root()) scratch_.emplace();
    root_ = world_.broadcast(scratch_ ? scratch_->path().string() : "");
    on_root([&] {
      fs::create_directory(dataset());
      write_noise_dataset(dataset());
    });
  }
  ~Staging() override { world_.barrier(); }

  void on_root(const std::function<void()>& work) const { strata::on_root(world_, work); }
  fs::path dataset() const { return root_ / "dataset"; }
  fs::path disk() const { return root_ / "disk"; }
  fs::path stage(const std::vector<std::string>& splits = {"train", "val"}) const {
    return stage_dataset(dataset(), {disk(), splits}, world_);
  }
  void expect_same_samples(const fs::path& staged) const {
    const Dataset original(dataset(), "train"), copy(staged, "train");
    ASSERT_EQ(copy.size(), original.size());
    for (size_t i = 0; i < copy.size(); ++i) {
      for (const Tile& tile : original.sample(i).tiles) EXPECT_EQ(copy.read_tile(i, tile), original.read_tile(i, tile));
    }
    EXPECT_EQ(copy.manifest().dataset_id(), original.manifest().dataset_id());
  }

  const Communicator world_ = Communicator::world();
  std::optional<ScratchDirectory> scratch_;
  fs::path root_;
};

TEST_F(Staging, GivesTheDatasetItselfWhereNothingIsToBeStaged) { EXPECT_EQ(stage_dataset(dataset(), {}, world_), dataset()); }

TEST_F(Staging, CopiesTheSplitsThatAreReadAndNoOthers) {
  const fs::path staged = stage({"train"});
  EXPECT_EQ(staged.parent_path(), disk());
  expect_same_samples(staged);
  EXPECT_TRUE(fs::exists(staged / "train-00001.h5"));
  EXPECT_FALSE(fs::exists(staged / "val-00000.h5"));
}

TEST_F(Staging, UsesWhatIsThereAndEqualAndReplacesWhatIsNot) {
  const fs::path staged = stage();
  const auto written = fs::last_write_time(staged / "train-00000.h5");
  on_root([&] {
    std::string bytes = read_text_file(staged / "train-00001.h5");
    bytes[bytes.size() / 2] ^= 1;  // of the same size
    write_file_atomically(staged / "train-00001.h5", bytes);
    fs::remove(staged / "val-00000.h5");
  });
  EXPECT_EQ(stage(), staged);
  EXPECT_EQ(fs::last_write_time(staged / "train-00000.h5"), written);
  EXPECT_EQ(sha256_of_file(staged / "train-00001.h5"), sha256_of_file(dataset() / "train-00001.h5"));
  EXPECT_TRUE(fs::exists(staged / "val-00000.h5"));
}

TEST_F(Staging, RefusesAShardThatIsNotTheManifests) {
  on_root([&] {
    std::string bytes = read_text_file(dataset() / "train-00001.h5");
    bytes[bytes.size() / 2] ^= 1;
    write_file_atomically(dataset() / "train-00001.h5", bytes);
  });
  try {
    stage();
    ADD_FAILURE() << "was staged";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("train-00001.h5"));
  }
  world_.barrier();
  EXPECT_FALSE(fs::exists(disk() / "train-00001.h5"));
}

TEST_F(Staging, ReadsInPlaceWhereTheDiskCannotBeWritten) {
  on_root([&] { write_file_atomically(disk(), std::string_view("a file, not a folder")); });
  EXPECT_EQ(stage(), dataset());
}

// The part of the next test that runs where a small disk is mounted; elsewhere it stages nothing and proves nothing.
TEST_F(Staging, OnASmallDisk) {
  const char* small = std::getenv("STRATA_SMALL_DISK");
  if (small == nullptr) return;
  EXPECT_EQ(stage_dataset(dataset(), {small, {"train"}}, world_), dataset());
  EXPECT_TRUE(fs::is_empty(small));
}

TEST_F(Staging, ReadsInPlaceWhereTheDiskHasTooLittleRoom) {
  on_root([&] {
    fs::create_directory(root_ / "small");
    const std::string child = fmt::format(
        "env -i PATH=\"$PATH\" HOME=\"$HOME\" STRATA_TEST_RANKS=1 STRATA_SMALL_DISK={} OMPI_ALLOW_RUN_AS_ROOT=1 "
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 {} --gtest_filter=Staging.OnASmallDisk 2>&1 | tee {}; exit ${{PIPESTATUS[0]}}",
        (root_ / "small").string(), fs::read_symlink("/proc/self/exe").string(), (root_ / "output").string());
    const std::string line = with_mount(fmt::format("mount -t tmpfs -o size=32m none {}", (root_ / "small").string()), child);
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
    const std::string output = read_text_file(root_ / "output");
    EXPECT_THAT(output, HasSubstr("they are read in place"));
    EXPECT_THAT(output, HasSubstr("1 test"));
  });
}

// The last test of this program: a signal is never forgotten.
TEST_F(Staging, ASignalToStopEndsTheCopyingAtOnce) {
  install_signal_handlers();
  raise(SIGTERM);
  EXPECT_EQ(stage(), dataset());
  on_root([&] {
    for (const auto& file : fs::recursive_directory_iterator(disk())) EXPECT_TRUE(file.is_directory()) << file.path();
  });
}

}  // namespace
}  // namespace strata::testing
