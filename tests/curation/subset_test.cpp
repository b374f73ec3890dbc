#include "curation/subset.h"

#include "base/error.h"
#include "base/files.h"
#include "curation/converted.h"
#include "curation/verification.h"
#include "data/dataset.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Subset, IsADatasetOfSomeOfTheSamplesTileByTile) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 10);
  const Subset subset = make_subset({.data = scratch / "data", .output = scratch / "part", .share = 0.3, .seed = 1});
  const Dataset part(scratch / "part", "train"), all(scratch / "data", "train");
  ASSERT_EQ(part.size(), 3u);
  EXPECT_THAT(verify_dataset(scratch / "part", 2).problems, IsEmpty());
  EXPECT_EQ(Dataset(scratch / "part", "val").size(), 2u);
  for (size_t i = 0; i < part.size(); ++i) {
    const auto original = static_cast<size_t>(std::stoi(part.sample(i).name.substr(2)));
    ASSERT_EQ(part.sample(i).tiles.size(), all.sample(original).tiles.size());
    EXPECT_EQ(part.sample(i).centroids, all.sample(original).centroids);
    for (size_t t = 0; t < part.sample(i).tiles.size(); ++t)
      EXPECT_EQ(part.read_tile(i, part.sample(i).tiles[t]), all.read_tile(original, all.sample(original).tiles[t]));
  }
  EXPECT_NE(part.manifest().dataset_id(), all.manifest().dataset_id());
  EXPECT_THAT(balance_text(subset), HasSubstr("3 of 10 samples"));
}

TEST(Subset, HasTheSameBytesForTheSameSeed) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 10);
  for (const char* name : {"a", "b"}) make_subset({.data = scratch / "data", .output = scratch / name, .count = 4, .seed = 9});
  for (const auto& entry : fs::directory_iterator(scratch / "a"))
    EXPECT_EQ(read_file(entry.path()), read_file(scratch.path() / "b" / entry.path().filename())) << entry.path();
}

TEST(Subset, RefusesWhatCannotBeChosenAndDirectoriesInUse) {
  const ScratchDirectory scratch;
  convert_camvid_like(scratch.path(), 3);
  const auto refusal = [&](SubsetOptions options) {
    options.data = scratch / "data";
    options.output = scratch / "part";
    return message_of<ConfigError>([&] { make_subset(options); });
  };
  EXPECT_THAT(refusal({}), HasSubstr("one of both"));
  EXPECT_THAT(refusal({.share = 0.5, .count = 2}), HasSubstr("one of both"));
  EXPECT_THAT(refusal({.count = 4}), HasSubstr("4 of the 3 samples"));
  EXPECT_THAT(refusal({.share = 0.01}), HasSubstr("0 of the 3 samples"));
  EXPECT_FALSE(fs::exists(scratch / "part"));
  EXPECT_THROW(make_subset({.data = scratch / "data", .output = scratch / "data", .count = 2}), CannotCreate);
}

}  // namespace
}  // namespace strata::testing
