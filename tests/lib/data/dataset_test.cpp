#include "data/dataset.h"
#include "data/sample_order.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"
#include "written_shard.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

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

TEST_F(NoiseDataset, RefusesSwappedShards) {
  fs::rename(directory() / "train-00000.h5", directory() / "other");
  fs::rename(directory() / "train-00001.h5", directory() / "train-00000.h5");
  fs::rename(directory() / "other", directory() / "train-00001.h5");
  EXPECT_THROW(Dataset(directory(), "train"), DataError);
}

TEST_F(NoiseDataset, IgnoresAShardThatTheManifestDoesNotList) {
  fs::copy_file(directory() / "train-00001.h5", directory() / "train-00002.h5");
  EXPECT_EQ(Dataset(directory(), "train").size(), 5u);
}

}  // namespace
}  // namespace strata::testing
