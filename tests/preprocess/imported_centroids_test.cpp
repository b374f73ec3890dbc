#include "preprocess/imported_centroids.h"

#include "base/error.h"
#include "base/files.h"
#include "data/dataset.h"
#include "preprocess/conversion.h"
#include "preprocess/raw_layout.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Imported : public ::testing::Test {
 protected:
  ImportedCentroids import(const std::string& json) const {
    write_file_atomically(scratch_ / "c.json", json);
    return ImportedCentroids(scratch_ / "c.json", camvid_label_set());
  }
  std::string refusal(const std::string& json) const {
    return message_of<DataError>([&] { import(json); });
  }
  const ScratchDirectory scratch_;
};

TEST_F(Imported, CentroidsAreKnownByTheImagesFileName) {
  const ImportedCentroids centroids = import(
      R"({"3": [["/old/f_0.png", "/old/l.png", [5, 6], 3], ["/old/f_1.png", "l", [7, 8], 3]], "0": [["/old/f_0.png", "", [1, 2], 0]],
                 "4": []})");
  EXPECT_EQ(centroids.images(), 2u);
  EXPECT_THAT(centroids.of("/new/train/f_0.png", 10, 10), ElementsAre(Centroid{0, 1, 2}, Centroid{3, 5, 6}));
  EXPECT_THAT(centroids.of("f_2.png", 10, 10), IsEmpty());
  EXPECT_THAT(message_of<DataError>([&] { centroids.of("f_1.png", 8, 10); }), HasSubstr("x 7, y 8"));
}

TEST_F(Imported, FilesOfAnotherKindOrDatasetAreRefused) {
  EXPECT_THAT(refusal("{"), HasSubstr("no file of centroids"));
  EXPECT_THAT(refusal(R"({"3": [["a", "b", 5, 3]]})"), HasSubstr("no file of centroids"));
  EXPECT_THAT(refusal(R"({"3": [["a", "b", [5, 6], 4]]})"), HasSubstr("below class 3"));
  EXPECT_THAT(refusal(R"({"18": [["a", "b", [5, 6], 18]]})"), HasSubstr("another dataset"));
  EXPECT_THAT(refusal(R"({"3": [["x/a", "b", [5, 6], 3], ["y/a", "b", [5, 6], 3]]})"), HasSubstr("cannot be told"));
  EXPECT_THAT(refusal(R"({"3": []})"), HasSubstr("lists no centroid"));
}

TEST_F(Imported, CentroidsReplaceThoseThatWouldBeFound) {
  write_camvid_like(scratch_ / "raw", {.train = 3, .val = 1});
  ConversionOptions options;
  options.dataset = "camvid";
  options.input = scratch_ / "raw";
  options.output = scratch_ / "data";
  options.centroids = scratch_ / "c.json";
  const auto run = [&] { convert(options, Communicator(), StopConditions({}, Communicator())); };
  write_file_atomically(options.centroids, std::string_view(R"({"3": [["/old/g.png", "", [5, 6], 3]]})"));
  EXPECT_THAT(message_of<DataError>(run), HasSubstr("none of which is here"));
  write_file_atomically(options.centroids, std::string_view(R"({"3": [["/old/f_001.png", "", [5, 6], 3]]})"));
  run();
  const Dataset train(scratch_ / "data", "train");
  EXPECT_THAT(train.sample(0).centroids, IsEmpty());
  EXPECT_THAT(train.sample(1).centroids, ElementsAre(Centroid{3, 5, 6}));
}

}  // namespace
}  // namespace strata::testing
