#include "image/png_plain.h"

#include "base/files.h"
#include "image/crop.h"
#include "image/png_chunks.h"
#include "lib/image/pixels.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <functional>

namespace strata {
namespace {

using testing::rule_picture;

fs::path file(const std::string& name) { return testing::source_dir() / "tests/lib/image/files" / name; }
std::vector<std::byte> load(const std::string& name) { return read_file(file(name)); }

Image rows_of(PlainPng& png, int channels) {
  Image image(png.height(), png.width(), channels);
  for (int y = 0; y < image.height; ++y) std::copy_n(png.next_row(), image.width * channels, image.row(y));
  return image;
}

// The file again with its chunks changed.
using Chunks = std::vector<PngChunk>;
std::vector<std::byte> with(const std::vector<std::byte>& coded, const std::function<void(Chunks&)>& change) {
  auto chunks = read_png_chunks(coded);
  change(*chunks);
  std::vector<std::byte> changed(coded.begin(), coded.begin() + 8);
  for (const PngChunk& chunk : *chunks) append_png_chunk(chunk.type, chunk.data, changed);
  return changed;
}

TEST(PlainPng, WhatStrataWritesIsPlainAndComesBack) {
  const Image frame = rule_picture(33, 57, 3), ids = rule_picture(33, 57, 1);
  std::optional<PlainPng> png = PlainPng::read(encode_png(frame), PngPixels::kRgb);
  ASSERT_TRUE(png);
  EXPECT_EQ(rows_of(*png, 3), frame);
  for (const auto& coded : {encode_png(ids), encode_palette_png(ids, std::vector<uint8_t>(768, 7))}) {
    png = PlainPng::read(coded, PngPixels::kStored);
    ASSERT_TRUE(png);
    EXPECT_EQ(rows_of(*png, 1), ids);
  }
}

TEST(PlainPng, DataMayComeInAnyNumberOfChunks) {
  const Image frame = rule_picture(33, 57, 3);
  const auto parts = with(encode_png(frame), [](Chunks& chunks) {
    const PngChunk whole = chunks[1];
    chunks.erase(chunks.begin() + 1);
    for (size_t at = whole.data.size(); at-- > 0;) chunks.insert(chunks.begin() + 1, {whole.type, whole.data.subspan(at, 1)});
  });
  std::optional<PlainPng> png = PlainPng::read(parts, PngPixels::kRgb);
  ASSERT_TRUE(png);
  EXPECT_EQ(rows_of(*png, 3), frame);
}

// Of libpng, by way of a chunk that the plain reader leaves to it.
TEST(PlainPng, LibpngReadsTheSamePixels) {
  for (const int channels : {1, 3}) {
    const Image image = rule_picture(40, 31, channels);
    const std::vector<std::byte> time(7, std::byte{1});
    const auto noted = with(encode_png(image), [&](Chunks& chunks) { chunks.insert(chunks.begin() + 1, {"tIME", time}); });
    EXPECT_FALSE(PlainPng::read(noted, channels == 3 ? PngPixels::kRgb : PngPixels::kStored));
    EXPECT_EQ(channels == 3 ? decode_frame(noted, "noted") : decode_labels(noted, "noted"), image);
  }
}

TEST(PlainPng, OtherKindsAreLeftToLibpng) {
  for (const char* name : {"rgba.png", "palette.png", "grey_4bit.png", "grey_alpha.png", "old_profile.png", "bad_rgb_16bit.png"})
    EXPECT_FALSE(PlainPng::read(load(name), PngPixels::kRgb)) << name;
  EXPECT_FALSE(PlainPng::read(load("rgb.png"), PngPixels::kStored));
  EXPECT_FALSE(PlainPng::read(load("palette_2bit.png"), PngPixels::kStored));
}

TEST(PlainPng, WhateverIsDoubtfulIsLeftToLibpng) {
  const std::vector<std::byte> good = encode_png(rule_picture(9, 9, 3));
  ASSERT_TRUE(PlainPng::read(good, PngPixels::kRgb));
  const auto refused = [](const std::vector<std::byte>& coded) { return !PlainPng::read(coded, PngPixels::kRgb); };
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { chunks.pop_back(); })));
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { chunks.erase(chunks.begin() + 1); })));
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { std::swap(chunks[0], chunks[1]); })));
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { chunks.push_back(chunks.back()); })));
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { chunks[1].data = chunks[1].data.first(chunks[1].data.size() - 1); })));
  EXPECT_TRUE(refused(with(good, [](Chunks& chunks) { chunks.insert(chunks.begin() + 2, chunks[1]); })));  // data too long
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(refused(longer));
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<std::byte> flipped = good;
    flipped[i] ^= std::byte{16};
    EXPECT_TRUE(refused(flipped)) << "byte " << i;
    EXPECT_TRUE(refused({good.begin(), good.begin() + static_cast<ptrdiff_t>(i)})) << "cut to " << i;
  }
}

TEST(PlainPng, AFewBytesThatClaimManyPixelsTakeNoMemory) {
  std::vector<std::byte> header;
  append_png_number(20000, header);
  append_png_number(9999, header);
  for (const int byte : {8, 2, 0, 0, 0}) header.push_back(static_cast<std::byte>(byte));
  EXPECT_FALSE(
      PlainPng::read(with(encode_png(Image(2, 2, 3)), [&](Chunks& chunks) { chunks[0].data = header; }), PngPixels::kRgb));
}

}  // namespace
}  // namespace strata
