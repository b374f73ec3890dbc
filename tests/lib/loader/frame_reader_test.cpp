#include "loader/frame_reader.h"

#include "base/error.h"
#include "base/random.h"
#include "data/shard_writer.h"
#include "image/codec.h"
#include "image/crop.h"
#include "lib/loader/small_dataset.h"
#include "loader/augment.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kRawIds;
using testing::ScratchDirectory;
using testing::SmallDataset;
using testing::write_small_dataset;

template <typename Action>
std::string data_error(const Action& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no DataError";
}

TEST(FrameReader, AnyWindowIsThatPartOfTheFrameAndItsLabels) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path());
  const auto dataset = written.open();
  RandomStream random(5);
  for (size_t sample = 0; sample < dataset->size(); ++sample) {
    const Image& frame = written.frames[sample];
    EXPECT_EQ(read_frame(*dataset, sample, whole(dataset->sample(sample))), frame);
    for (int round = 0; round < 20; ++round) {
      const int height = static_cast<int>(random.between(1, frame.height)),
                width = static_cast<int>(random.between(1, frame.width));
      const Window window{static_cast<int>(random.between(0, frame.height - height)),
                          static_cast<int>(random.between(0, frame.width - width)), height, width};
      EXPECT_EQ(read_frame(*dataset, sample, window), crop(frame, window));
      EXPECT_EQ(read_labels_raw(*dataset, sample, window), crop(written.raw_labels[sample], window));
    }
  }
}

TEST(FrameReader, LabelsAreTrainIdsAndTheIgnoreId) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path());
  const auto dataset = written.open();
  const Image labels = read_labels(*dataset, 1, whole(dataset->sample(1)));
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    const uint8_t raw = written.raw_labels[1].pixels[i];
    EXPECT_EQ(labels.pixels[i], raw == kRawIds[3] ? 255 : raw / 10);
  }
}

TEST(FrameReader, OnlyTilesThatTheWindowTouchesAreRead) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_small_dataset(scratch.path());
  const auto dataset = written.open();
  const Tile& first = dataset->sample(7).tiles.front();
  testing::damage_tile(*dataset, written.directory, 7, first);
  const Window elsewhere{0, static_cast<int>(first.width), 30, 30};
  EXPECT_EQ(read_frame(*dataset, 7, elsewhere), crop(written.frames[7], elsewhere));
  EXPECT_THAT(data_error([&] {
                read_frame(*dataset, 7, {0, 10, 5, 5});
              }),
              AllOf(HasSubstr("train-00001.h5"), HasSubstr("town/7")));
}

// A shard of one 48x64 px sample with a label map and one frame tile of JPEG, which has `margin` px above and left of what it
// owns.
SmallDataset write_jpeg_sample(const std::filesystem::path& directory, const Image& labels, int margin, int missing) {
  Image picture(labels.height + margin, labels.width + margin - missing, 3);
  for (size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<uint8_t>(i / 50);
  const std::vector<std::byte> jpeg = encode_jpeg(picture), png = encode_png(labels);
  Sample sample;
  sample.name = "one";
  sample.height = static_cast<uint32_t>(labels.height);
  sample.width = static_cast<uint32_t>(labels.width);
  sample.class_pixels.resize(3);
  Tile tile{.kind = TileKind::kFrame, .codec = TileCodec::kJpeg, .height = sample.height, .width = sample.width};
  tile.margin_y = tile.margin_x = static_cast<uint32_t>(margin);
  tile.bytes = static_cast<uint32_t>(jpeg.size());
  sample.tiles.push_back(tile);
  tile = {.kind = TileKind::kLabels, .codec = TileCodec::kPng, .height = sample.height, .width = sample.width};
  tile.bytes = static_cast<uint32_t>(png.size());
  sample.tiles.push_back(tile);
  std::vector<std::byte> coded = jpeg;
  coded.insert(coded.end(), png.begin(), png.end());

  SmallDataset written = write_small_dataset(directory, {.samples = 1});
  ShardWriter writer(directory / "train-00000.h5", 3);
  writer.add(sample, coded);
  Manifest manifest = read_manifest(directory);
  manifest.splits["train"].shards = {writer.finish()};
  write_manifest(manifest, directory);
  written.frames = {crop(decode_frame(jpeg, ""), {margin, margin, labels.height, labels.width})};
  return written;
}

TEST(FrameReader, AJpegTileIsReadWithoutItsMargin) {
  const ScratchDirectory scratch;
  const SmallDataset written = write_jpeg_sample(scratch.path(), Image(48, 64, 1), 16, 0);
  const auto dataset = written.open();
  EXPECT_EQ(read_frame(*dataset, 0, whole(dataset->sample(0))), written.frames[0]);
  const Window window{10, 20, 30, 40};
  EXPECT_EQ(read_frame(*dataset, 0, window), crop(written.frames[0], window));
}

TEST(FrameReader, ATileSmallerThanItsIndexSaysIsADataError) {
  const ScratchDirectory scratch;
  const auto dataset = write_jpeg_sample(scratch.path(), Image(48, 64, 1), 16, 1).open();
  EXPECT_THAT(data_error([&] {
                read_frame(*dataset, 0, {0, 0, 8, 8});
              }),
              AllOf(HasSubstr("sample one"), HasSubstr("79x64"), HasSubstr("80x64")));
}

TEST(FrameReader, AnUnknownLabelIdIsNamedWithItsFirstPixel) {
  const ScratchDirectory scratch;
  Image labels(48, 64, 1);
  labels.at(30, 41) = 77;
  labels.at(31, 2) = 78;
  const auto dataset = write_jpeg_sample(scratch.path(), labels, 0, 0).open();
  EXPECT_THAT(data_error([&] {
                read_labels(*dataset, 0, {5, 1, 40, 60});
              }),
              AllOf(HasSubstr("id 77"), HasSubstr("x 41, y 30"), HasSubstr("sample one"), HasSubstr("train-00000.h5")));
  EXPECT_EQ(read_labels_raw(*dataset, 0, {30, 41, 1, 1}).at(0, 0), 77);
}

TEST(FrameReader, AnUnknownLabelIdInAViewIsNamedWithItsPixelInTheFrame) {
  const ScratchDirectory scratch;
  Image labels(48, 64, 1);
  labels.at(31, 41) = 77;
  const auto dataset = write_jpeg_sample(scratch.path(), labels, 0, 0).open();
  const AugmentPlan halved{.height = 24, .width = 32, .crop = {4, 4, 20, 28}};  // of two rows and columns the second is picked
  EXPECT_THAT(data_error([&] { read_augmented(*dataset, 0, halved); }), AllOf(HasSubstr("id 77"), HasSubstr("x 41, y 31")));
}

TEST(FrameReader, WindowsOutsideTheSampleAreRefused) {
  const ScratchDirectory scratch;
  const auto dataset = write_small_dataset(scratch.path(), {.samples = 1}).open();
  EXPECT_THROW(read_frame(*dataset, 0, {0, 0, 1000, 10}), InternalError);
  EXPECT_THROW(read_frame(*dataset, 0, {-1, 0, 10, 10}), InternalError);
  EXPECT_THROW(read_labels(*dataset, 0, {0, 0, 0, 10}), InternalError);
}

}  // namespace
}  // namespace strata
