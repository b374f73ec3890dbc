#include "data/manifest.h"

#include "base/error.h"
#include "base/files.h"
#include "data/shard_reader.h"
#include "support/paths.h"
#include "written_shard.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

class ManifestFile : public ::testing::Test {
 protected:
  void rewrite(const std::string& from, const std::string& to) const {
    std::string text = read_text_file(directory() / kManifestFile);
    const size_t found = text.find(from);
    ASSERT_NE(found, std::string::npos) << from;
    write_file_atomically(directory() / kManifestFile, std::string_view(text.replace(found, from.size(), to)));
  }
  const fs::path& directory() const { return scratch_.path(); }

  const ScratchDirectory scratch_;
  const Manifest written_ = write_noise_dataset(scratch_.path());
};

TEST_F(ManifestFile, ReadsBackWhatWasWritten) {
  const Manifest read = read_manifest(directory());
  EXPECT_EQ(read.dataset_id(), written_.dataset_id());
  EXPECT_EQ(read.splits.at("train").samples(), 5u);
  EXPECT_EQ(read.splits.at("train").shards[1].file, "train-00001.h5");
  EXPECT_EQ(read.splits.at("train").shards[1].index_sha256, ShardReader(directory() / "train-00001.h5").index_sha256());
  EXPECT_EQ(read.labels.classes[2].name, "class 2");
}

TEST_F(ManifestFile, GivesAnotherDatasetIdForAnotherShardOptionOrLabel) {
  Manifest other = written_;
  other.splits["train"].shards[0].sha256[0] ^= 1;
  EXPECT_NE(other.dataset_id(), written_.dataset_id());
  other = written_;
  other.splits["train"].shards[0].index_sha256[0] ^= 1;
  EXPECT_NE(other.dataset_id(), written_.dataset_id());
  other = written_;
  other.tile_size = 512;
  EXPECT_NE(other.dataset_id(), written_.dataset_id());
  other = written_;
  other.labels.raw_to_train[1] = 0;
  EXPECT_NE(other.dataset_id(), written_.dataset_id());
}

TEST_F(ManifestFile, IsMissingInputWhereThereIsNone) { EXPECT_THROW(read_manifest(directory() / "no"), MissingInput); }

TEST_F(ManifestFile, RefusesAnotherVersion) {
  rewrite("\"format_version\": 1", "\"format_version\": 2");
  EXPECT_THROW(read_manifest(directory()), FormatError);
}

TEST_F(ManifestFile, RefusesWhatIsNoJson) {
  write_file_atomically(directory() / kManifestFile, std::string_view("{\"format\": "));
  EXPECT_THROW(read_manifest(directory()), FormatError);
}

TEST_F(ManifestFile, RefusesShardsOutsideItsDirectory) {
  rewrite("\"train-00000.h5\"", "\"../train-0000.h5\"");
  EXPECT_THROW(read_manifest(directory()), FormatError);
}

}  // namespace
}  // namespace strata::testing
