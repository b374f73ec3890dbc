#include "data/dataset.h"

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
