#include "data/dataset.h"
#include "data/sample_order.h"

#include "base/error.h"
#include "base/files.h"
#include "support/message_of.h"
#include "support/paths.h"
#include "written_shard.h"

#include <gmock/gmock.h>

#include <functional>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NoiseDataset : public ::testing::Test {
 protected:
  NoiseDataset() { write_noise_dataset(scratch_.path()); }
  const fs::path& directory() const { return scratch_.path(); }
  const ScratchDirectory scratch_;
};

TEST_F(NoiseDataset, NumbersItsSamplesThroughAllShards) {
  const Dataset train(directory(), "train");
  ASSERT_EQ(train.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    const CodedSample wanted = noise_sample(i);
    EXPECT_EQ(train.sample(i).name, wanted.sample.name);
    const std::vector<std::byte> first_tile(wanted.coded.begin(), wanted.coded.begin() + 100);
    EXPECT_EQ(train.read_tile(i, train.sample(i).tiles[0]), first_tile);
  }
  EXPECT_EQ(Dataset(directory(), "val").size(), 1u);
  EXPECT_THROW(train.sample(5), InternalError);
}

TEST_F(NoiseDataset, DrawsFromAFurtherSplitWithoutCountingIt) {
  const Dataset both(directory(), "val", {"train"});
  EXPECT_EQ(both.size(), 1u);
  ASSERT_EQ(both.size_with_further(), 6u);
  EXPECT_EQ(both.sample(1).name, noise_sample(0).sample.name);
  EXPECT_EQ(both.shard_file(0), "val-00000.h5");
  EXPECT_EQ(both.shard_file(5), "train-00001.h5");

  const std::string boosted = both.labels().classes[1].name;
  const CentroidTable fine = centroid_table(both, {}), coarse = centroid_table(both, {.coarse_classes = {boosted}});
  EXPECT_EQ(coarse.draws[0], fine.draws[0]);
  EXPECT_GT(coarse.draws[1].size(), fine.draws[1].size());
  EXPECT_GE(coarse.draws[1].back().sample, 1u);
  EXPECT_THROW(centroid_table(both, {.coarse_classes = {"no such class"}}), ConfigError);
}

TEST_F(NoiseDataset, NamesTheSplitsThereAreForOneThatIsNot) {
  try {
    Dataset(directory(), "test");
    FAIL();
  } catch (const MissingInput& error) {
    EXPECT_THAT(error.what(), HasSubstr("train, val"));
  }
}

TEST_F(NoiseDataset, NamesAMissingShard) {
  fs::remove(directory() / "train-00001.h5");
  try {
    Dataset(directory(), "train");
    FAIL();
  } catch (const MissingInput& error) {
    EXPECT_THAT(error.what(), HasSubstr("train-00001.h5"));
  }
  EXPECT_EQ(Dataset(directory(), "val").size(), 1u);
}

TEST_F(NoiseDataset, RefusesAShardOfAnotherSize) {
  fs::resize_file(directory() / "train-00001.h5", fs::file_size(directory() / "train-00001.h5") - 1);
  EXPECT_THROW(Dataset(directory(), "train"), DataError);
}

// Of as many samples and bytes, so that nothing but the index tells them apart.
class EqualShards : public NoiseDataset {
 protected:
  EqualShards() { manifest_.splits["train"].shards = {write("train-00000.h5", 10), write("train-00001.h5", 13)}, write_it(); }

  ShardEntry write(const std::string& file, int first) const { return write_noise_shard(directory() / file, first, 3); }
  // The second shard with something else about its second sample.
  void write_changed(const std::function<void(CodedSample&)>& change) const {
    ShardWriter writer(directory() / "train-00001.h5", 3);
    for (int i = 13; i < 16; ++i) {
      CodedSample made = noise_sample(i);
      if (i == 14) change(made);
      writer.add(made.sample, made.coded);
    }
    writer.finish();
  }
  void write_it() const { write_manifest(manifest_, directory()); }
  void expect_refusal() const {
    EXPECT_EQ(fs::file_size(directory() / "train-00001.h5"), manifest_.splits.at("train").shards[1].bytes);
    EXPECT_THAT(
        message_of<DataError>([&] { Dataset(directory(), "train"); }),
        AllOf(HasSubstr((directory() / "train-00001.h5").string()), HasSubstr("holds other samples"), HasSubstr("verify")));
    EXPECT_EQ(Dataset(directory(), "val").size(), 1u);
  }
  void swap() const {
    fs::rename(directory() / "train-00000.h5", directory() / "other");
    fs::rename(directory() / "train-00001.h5", directory() / "train-00000.h5");
    fs::rename(directory() / "other", directory() / "train-00001.h5");
  }

  Manifest manifest_ = read_manifest(directory());
};

TEST_F(EqualShards, AreRefusedWhereTheyWereSwapped) {
  const std::vector<ShardEntry>& shards = manifest_.splits["train"].shards;
  ASSERT_EQ(shards[0].bytes, shards[1].bytes);
  EXPECT_EQ(Dataset(directory(), "train").size(), 6u);
  swap();
  EXPECT_THROW(Dataset(directory(), "train"), DataError);
}

TEST_F(EqualShards, AreRefusedWhereOneIsOfAnotherDataset) {
  write("train-00001.h5", 16);
  expect_refusal();
}

// Same names, sizes and labels; a byte of one frame is another.
TEST_F(EqualShards, AreRefusedWhereOneIsOfAnOlderConversion) {
  write_changed([](CodedSample& made) { made.coded[5] ^= std::byte{1}; });
  expect_refusal();
}

TEST_F(EqualShards, AreRefusedWhateverTheIndexSaysOtherwise) {
  const std::vector<std::function<void(Sample&)>> changes = {
      [](Sample& s) { s.name.back() = 'x'; },
      [](Sample& s) { ++s.class_pixels[2]; },
      [](Sample& s) { ++s.ignored_pixels; },
      [](Sample& s) { ++s.centroids[0].x; },
      [](Sample& s) { ++s.centroids[0].y; },
      [](Sample& s) { ++s.centroids[0].class_id; },
      [](Sample& s) { s.tiles[0].codec = TileCodec::kJpeg; },
      [](Sample& s) { ++s.tiles[0].margin_x; },
      [](Sample& s) { ++s.tiles[0].margin_y; },
      [](Sample& s) {
        ++s.tiles[0].width, ++s.tiles[2].width, --s.tiles[1].width, --s.tiles[3].width, ++s.tiles[1].x, ++s.tiles[3].x;
      },
      [](Sample& s) { ++s.tiles[0].bytes, --s.tiles[1].bytes; },
      [](Sample& s) { --s.height, --s.tiles[0].height, --s.tiles[1].height, --s.tiles[2].height, --s.tiles[3].height; },
  };
  for (const auto& change : changes) {
    write_changed([&](CodedSample& made) { change(made.sample); });
    expect_refusal();
  }
}

TEST_F(EqualShards, OfAManifestThatDoesNotBindThemAreReadWithAWarning) {
  for (ShardEntry& shard : manifest_.splits["train"].shards) shard.index_sha256.clear();
  write_it();
  swap();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Dataset(directory(), "train").size(), 6u);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), AllOf(HasSubstr("earlier version"), HasSubstr("strata-dataset verify")));
}

TEST_F(NoiseDataset, IgnoresAShardThatTheManifestDoesNotListAndSaysSo) {
  fs::copy_file(directory() / "train-00001.h5", directory() / "train-00002.h5");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Dataset(directory(), "train").size(), 5u);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), AllOf(HasSubstr((directory() / "train-00002.h5").string()),
                                                              HasSubstr("not in the manifest"), HasSubstr("ignored")));
}

}  // namespace
}  // namespace strata::testing
