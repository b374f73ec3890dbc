#include "preprocess/encoded_sample.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class EncodedSampleTest : public ::testing::Test {
 protected:
  EncodedSampleTest() {
    write_png(source_.frame, frame_);
    write_png(source_.labels, labels_);
  }

  EncodedSample encode() const { return encode_sample(source_, *layout_, {.tile_size = 256}); }
  void expect_bad(BadFile::Kind kind, const ::testing::Matcher<std::string>& message) const {
    const EncodedSample encoded = encode();
    ASSERT_TRUE(encoded.bad.has_value());
    EXPECT_EQ(encoded.bad->kind, kind);
    EXPECT_THAT(encoded.bad->message, message);
    EXPECT_EQ(encoded.sample.name, "town/a");
    EXPECT_TRUE(encoded.coded.empty());
  }

  const ScratchDirectory scratch_;
  const std::unique_ptr<Layout> layout_ = make_layout({.dataset = "camvid", .input = scratch_.path()});
  const SourceSample source_{"town/a", scratch_ / "frame.png", scratch_ / "labels.png"};
  const Image frame_ = raw_frame(1, 530, 1100);
  const Image labels_ = raw_labels(1, 12, 530, 1100);
};

TEST_F(EncodedSampleTest, DecodesToTheFrameAndItsRawLabels) {
  const EncodedSample encoded = encode();
  ASSERT_FALSE(encoded.bad.has_value());
  EXPECT_EQ(fault_of(encoded.sample, 11), "");
  EXPECT_EQ(encoded.sample.tiles.size(), 21u);  // 5 x 3 of the frame, 3 x 2 of the labels
  Image frame(530, 1100, 3), labels(530, 1100, 1);
  size_t position = 0;
  for (const Tile& tile : encoded.sample.tiles) {
    const auto coded = std::span(encoded.coded).subspan(position, tile.bytes);
    position += tile.bytes;
    Image& whole = tile.kind == TileKind::kFrame ? frame : labels;
    const Image part = tile.kind == TileKind::kFrame ? decode_frame(coded, "tile") : decode_labels(coded, "tile");
    ASSERT_EQ(part.height, static_cast<int>(tile.height));
    ASSERT_EQ(part.width, static_cast<int>(tile.width));
    for (int y = 0; y < part.height; ++y) {
      std::copy_n(part.row(y), static_cast<size_t>(part.width * part.channels),
                  &whole.at(static_cast<int>(tile.y) + y, static_cast<int>(tile.x)));
    }
  }
  EXPECT_EQ(frame, frame_);
  EXPECT_EQ(labels, labels_);
}

TEST_F(EncodedSampleTest, CountsPixelsAndFindsCentroids) {
  const EncodedSample encoded = encode();
  std::vector<uint64_t> counts(12);
  for (const uint8_t id : labels_.pixels) ++counts[id];
  EXPECT_EQ(encoded.sample.ignored_pixels, counts[11]);
  counts.pop_back();
  EXPECT_EQ(encoded.sample.class_pixels, counts);
  EXPECT_EQ(encoded.sample.centroids, find_centroids(labels_, 11, 256, TileRule::kCover));
}

TEST_F(EncodedSampleTest, SurvivesBeingSent) {
  const EncodedSample sent = encode(), received = sample_from_packet(to_packet(sent));
  EXPECT_EQ(received.coded, sent.coded);
  EXPECT_EQ(received.sample.name, sent.sample.name);
  EXPECT_EQ(received.sample.class_pixels, sent.sample.class_pixels);
  EXPECT_EQ(received.sample.centroids, sent.sample.centroids);
  EXPECT_EQ(to_packet(received), to_packet(sent));
}

TEST_F(EncodedSampleTest, IsBadWhereTheFrameIsCutShort) {
  fs::resize_file(source_.frame, fs::file_size(source_.frame) / 2);
  expect_bad(BadFile::Kind::kFrame, HasSubstr(source_.frame.string()));
  fs::resize_file(source_.frame, 0);
  expect_bad(BadFile::Kind::kFrame, HasSubstr(source_.frame.string()));
}

TEST_F(EncodedSampleTest, IsBadWhereTheFrameIsNoPicture) {
  write_file_atomically(source_.frame, std::string_view("<html>404 Not Found</html>"));
  expect_bad(BadFile::Kind::kFrame, HasSubstr(source_.frame.string()));
}

TEST_F(EncodedSampleTest, IsBadWhereTheLabelsAreCutShort) {
  fs::resize_file(source_.labels, fs::file_size(source_.labels) - 20);
  expect_bad(BadFile::Kind::kLabels, HasSubstr(source_.labels.string()));
}

TEST_F(EncodedSampleTest, IsBadWhereTheLabelsHaveAnotherSizeAndNamesBoth) {
  write_png(source_.labels, raw_labels(1, 12, 530, 1099));
  expect_bad(BadFile::Kind::kLabels, AllOf(HasSubstr(source_.labels.string()), HasSubstr("1099x530"), HasSubstr("1100x530")));
}

TEST_F(EncodedSampleTest, IsBadWhereALabelIdIsUnknownAndNamesIdAndPixel) {
  Image labels = labels_;
  labels.at(20, 700) = labels.at(20, 701) = 77;
  write_png(source_.labels, labels);
  expect_bad(BadFile::Kind::kLabels,
             AllOf(HasSubstr(source_.labels.string()), HasSubstr("id 77"), HasSubstr("x 700, y 20"), HasSubstr("2 pixels")));
}

TEST_F(EncodedSampleTest, IsMissingInputWhereAFileIsGone) {
  fs::remove(source_.labels);
  EXPECT_THROW(encode(), MissingInput);
}

}  // namespace
}  // namespace strata::testing
