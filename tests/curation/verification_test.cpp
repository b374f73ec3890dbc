#include "curation/verification.h"

#include "base/error.h"
#include "base/files.h"
#include "curation/converted.h"
#include "data/dataset.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerificationTest : public ::testing::Test {
 protected:
  VerificationTest() { convert_camvid_like(scratch_.path(), 6); }

  void change(const std::string& file, size_t position, uint8_t by) const {
    std::vector<std::byte> bytes = read_file(scratch_.path() / "data" / file);
    bytes.at(position) ^= std::byte{by};
    write_file_atomically(scratch_.path() / "data" / file, bytes);
  }
  void replace_in_manifest(const std::string& from, const std::string& to) const {
    const fs::path file = scratch_.path() / "data" / kManifestFile;
    std::string text = read_text_file(file);
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), to);
    write_file_atomically(file, text);
  }
  std::vector<std::string> problems() const { return verify_dataset(scratch_ / "data", 2).problems; }

  const ScratchDirectory scratch_;
};

TEST_F(VerificationTest, FindsNothingWrongWithAConversion) {
  const Verification found = verify_dataset(scratch_ / "data", 2);
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_EQ(found.samples, 8u);
  EXPECT_GT(found.shards, 2u);
}

// A bit in the blob: the shard's hash, and the sample that it is in.
TEST_F(VerificationTest, NamesShardAndSampleOfAFlippedBit) {
  const Dataset train(scratch_ / "data", "train");
  const std::vector<std::byte> tile = train.read_tile(1, train.sample(1).tiles[0]);
  const std::vector<std::byte> file = read_file(scratch_ / "data/train-00000.h5");
  const auto at = std::search(file.begin(), file.end(), tile.begin(), tile.end());
  ASSERT_NE(at, file.end());
  change("train-00000.h5", static_cast<size_t>(at - file.begin()) + tile.size() / 2, 0x10);
  EXPECT_THAT(problems(), ElementsAre(AllOf(HasSubstr("train-00000.h5"), HasSubstr("SHA-256")),
                                      AllOf(HasSubstr("train-00000.h5: sample 1 'f_001'"), HasSubstr("checksum"))));
}

TEST_F(VerificationTest, GoesOnAfterAShardThatIsGoneOrCutShort) {
  fs::remove(scratch_ / "data/train-00000.h5");
  fs::resize_file(scratch_ / "data/train-00001.h5", 3000);
  const std::vector<std::string> found = problems();
  EXPECT_THAT(found, Contains(AllOf(HasSubstr("train-00000.h5"), HasSubstr("not there"))));
  EXPECT_THAT(found, Contains(AllOf(HasSubstr("train-00001.h5"), HasSubstr("3000 bytes"))));
  const std::vector<ShardEntry> lost = read_manifest(scratch_ / "data").splits["train"].shards;
  EXPECT_EQ(verify_dataset(scratch_ / "data", 1).samples, 8 - lost[0].samples - lost[1].samples);
}

TEST_F(VerificationTest, SeesShardsThatChangedPlaces) {
  fs::rename(scratch_ / "data/train-00000.h5", scratch_ / "data/x");
  fs::rename(scratch_ / "data/train-00001.h5", scratch_ / "data/train-00000.h5");
  fs::rename(scratch_ / "data/x", scratch_ / "data/train-00001.h5");
  EXPECT_THAT(problems(), AllOf(Contains(AllOf(HasSubstr("train-00000.h5"), HasSubstr("SHA-256"))),
                                Contains(AllOf(HasSubstr("train-00001.h5"), HasSubstr("SHA-256")))));
}

TEST_F(VerificationTest, HoldsTheManifestsSumsAgainstTheSamples) {
  replace_in_manifest("\"ignored_pixels\": ", "\"ignored_pixels\": 1");
  EXPECT_THAT(problems(), ElementsAre(AllOf(HasSubstr(kManifestFile), HasSubstr("counts"))));
}

// A label set that lost an id: what is stored means something else now.
TEST_F(VerificationTest, FindsIdsThatTheLabelSetDoesNotKnow) {
  replace_in_manifest("\"ignored_raw_ids\": [\n   11\n  ]", "\"ignored_raw_ids\": []");
  EXPECT_THAT(problems(), Contains(HasSubstr("label id 11")));
}

TEST_F(VerificationTest, RefusesADirectoryWithoutManifest) { EXPECT_THROW(verify_dataset(scratch_ / "raw", 1), MissingInput); }

}  // namespace
}  // namespace strata::testing
