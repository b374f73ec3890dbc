#include "data/shard_reader.h"
#include "data/shard_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "support/paths.h"
#include "written_shard.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path().filename());
  return files;
}

void expect_sample(const ShardReader& reader, size_t index, const CodedSample& wanted) {
  const Sample& read = reader.sample(index);
  EXPECT_EQ(read.name, wanted.sample.name);
  EXPECT_EQ(read.height, wanted.sample.height);
  EXPECT_EQ(read.width, wanted.sample.width);
  EXPECT_EQ(read.centroids, wanted.sample.centroids);
  EXPECT_EQ(read.class_pixels, wanted.sample.class_pixels);
  EXPECT_EQ(read.ignored_pixels, wanted.sample.ignored_pixels);
  ASSERT_EQ(read.tiles.size(), wanted.sample.tiles.size());
  size_t position = 0;
  for (size_t t = 0; t < read.tiles.size(); ++t) {
    EXPECT_EQ(read.tiles[t].kind, wanted.sample.tiles[t].kind);
    EXPECT_EQ(read.tiles[t].x, wanted.sample.tiles[t].x);
    EXPECT_EQ(read.tiles[t].width, wanted.sample.tiles[t].width);
    const auto first = wanted.coded.begin() + static_cast<std::ptrdiff_t>(position);
    EXPECT_EQ(reader.read_tile(read.tiles[t]), std::vector(first, first + read.tiles[t].bytes));
    position += read.tiles[t].bytes;
  }
}

TEST(Shard, ReadsBackWhatWasWritten) {
  const ScratchDirectory scratch;
  const ShardEntry result = write_noise_shard(scratch / "a.h5", 0, 5);
  EXPECT_EQ(result.samples, 5u);
  EXPECT_EQ(result.bytes, fs::file_size(scratch / "a.h5"));
  EXPECT_EQ(result.sha256, sha256_of_file(scratch / "a.h5"));
  const ShardReader reader(scratch / "a.h5");
  ASSERT_EQ(reader.size(), 5u);
  for (int i = 0; i < 5; ++i) expect_sample(reader, i, noise_sample(i));
}

// More than is held back, so that full chunks, a partial one and tiles across chunk borders occur.
TEST(Shard, ReadsBackABlobOfManyChunks) {
  const ScratchDirectory scratch;
  constexpr uint32_t kTileBytes = 1'700'001;
  write_noise_shard(scratch / "a.h5", 0, 7, kTileBytes);
  const ShardReader reader(scratch / "a.h5");
  ASSERT_EQ(reader.size(), 7u);
  for (int i = 0; i < 7; ++i) expect_sample(reader, i, noise_sample(i, kTileBytes));
}

TEST(Shard, CarriesLittleBesideTheCodedBytes) {
  const ScratchDirectory scratch;
  constexpr uint32_t kTileBytes = 300'000;
  EXPECT_LT(write_noise_shard(scratch / "a.h5", 0, 3, kTileBytes).bytes, 3 * 4 * kTileBytes + 8'000);
}

TEST(Shard, MayHoldNoSampleAtAll) {
  const ScratchDirectory scratch;
  write_noise_shard(scratch / "a.h5", 0, 0);
  EXPECT_EQ(ShardReader(scratch / "a.h5").size(), 0u);
}

TEST(Shard, HasTheSameBytesWhoeverWritesIt) {
  const ScratchDirectory scratch;
  const std::string first = write_noise_shard(scratch / "a.h5", 0, 5).sha256;
  std::vector<std::vector<char>> heap(100, std::vector<char>(5000, 'x'));  // other garbage in the heap
  heap.clear();
  EXPECT_EQ(write_noise_shard(scratch / "another_name.h5", 0, 5).sha256, first);
  EXPECT_NE(write_noise_shard(scratch / "other.h5", 1, 5).sha256, first);
}

TEST(Shard, IsReadByManyThreadsAtOnce) {
  const ScratchDirectory scratch;
  write_noise_shard(scratch / "a.h5", 0, 8, 50'000);
  const ShardReader reader(scratch / "a.h5");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 8; ++i) expect_sample(reader, i, noise_sample(i, 50'000));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Shard, LeavesNothingWhereTheWriterLetsGo) {
  const ScratchDirectory scratch;
  {
    ShardWriter writer(scratch / "a.h5", 3);
    const CodedSample made = noise_sample(0);
    writer.add(made.sample, made.coded);
    EXPECT_EQ(files_in(scratch.path()).size(), 1u);
  }
  EXPECT_THAT(files_in(scratch.path()), ::testing::IsEmpty());
}

TEST(Shard, RefusesTilesThatDoNotCoverTheFrame) {
  const ScratchDirectory scratch;
  ShardWriter writer(scratch / "a.h5", 3);
  CodedSample made = noise_sample(0);
  made.sample.tiles[1].x = 60;
  EXPECT_THROW(writer.add(made.sample, made.coded), InternalError);
  made = noise_sample(0);
  made.coded.pop_back();
  EXPECT_THROW(writer.add(made.sample, made.coded), InternalError);
  made = noise_sample(0);
  made.sample.class_pixels.pop_back();
  EXPECT_THROW(writer.add(made.sample, made.coded), InternalError);
}

TEST(Shard, NamesTheDirectoryThatCannotBeWritten) {
  const ScratchDirectory scratch;
  try {
    ShardWriter(scratch / "missing/a.h5", 3);
    FAIL() << "a shard in a missing directory";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("missing/a.h5"));
  }
}

// The limit on file sizes stands in for a full disk: the same refusal by write(), without a file system of our own.
TEST(Shard, ReportsARefusedWriteAndLeavesNothing) {
  const ScratchDirectory scratch;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{200'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write_noise_shard(scratch / "a.h5", 0, 5, 50'000), IoError);
  EXPECT_THROW(write_noise_shard(scratch / "a.h5", 0, 1, 20'000'000), IoError);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(files_in(scratch.path()), ::testing::IsEmpty());
  write_noise_shard(scratch / "a.h5", 0, 5, 50'000);
  EXPECT_EQ(ShardReader(scratch / "a.h5").size(), 5u);
}

TEST(Shard, IsMissingInputWhereThereIsNoFile) { EXPECT_THROW(ShardReader("/nowhere/a.h5"), MissingInput); }

}  // namespace
}  // namespace strata::testing
