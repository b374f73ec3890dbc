#include "image/codec.h"

#include "base/error.h"
#include "base/files.h"
#include "image/crop.h"
#include "lib/image/pixels.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <functional>

namespace strata {
namespace {

using ::testing::AllOf;
using testing::digest;
using ::testing::HasSubstr;
using testing::rule_picture;

fs::path files() { return testing::source_dir() / "tests/lib/image/files"; }
std::vector<std::byte> load(const std::string& name) { return read_file(files() / name); }

struct Expected {
  std::string name;
  int height = 0, width = 0;
  std::string sha256;
};
std::vector<Expected> expected(const std::string& table) {
  std::ifstream in(files() / table);
  std::vector<Expected> list;
  for (Expected e; in >> e.name >> e.height >> e.width >> e.sha256;) list.push_back(e);
  EXPECT_FALSE(list.empty()) << table;
  return list;
}

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "was accepted";
}
std::string refusal_of_frame(const std::string& name) {
  return refusal([&] { decode_frame(load(name), name); });
}

TEST(Codec, FramesOfEveryFormDecodeToPillowsBytes) {
  for (const Expected& e : expected("good.txt")) {
    const Image image = decode_frame(load(e.name), e.name);
    EXPECT_EQ(image.channels, 3) << e.name;
    EXPECT_EQ(image.height, e.height) << e.name;
    EXPECT_EQ(image.width, e.width) << e.name;
    EXPECT_EQ(digest(image), e.sha256) << e.name;
  }
}

// palette_too_short.png has numbers beyond its palette: ids all the same.
TEST(Codec, LabelsAreGreyLevelsOrPaletteIndicesNeverColours) {
  for (const Expected& e : expected("labels.txt")) {
    const Image image = decode_labels(load(e.name), e.name);
    EXPECT_EQ(image.channels, 1) << e.name;
    EXPECT_EQ(digest(image), e.sha256) << e.name;
  }
}

TEST(Codec, APartIsThatOfTheWholePictureWhereverItGoes) {
  for (const Expected& e : expected("good.txt")) {
    const Image whole = decode_frame(load(e.name), e.name);
    for (const Window part : {Window{0, 0, e.height, e.width}, Window{0, 0, 1, 1}, Window{2, 3, e.height - 4, e.width - 3},
                              Window{e.height - 2, e.width - 5, 2, 5}}) {
      Image target(e.height + 3, e.width + 4, 3, 9), right = target;
      decode_frame_part(load(e.name), e.name, {part, 3, 4}, target);
      paste(right, crop(whole, part), 3, 4);
      EXPECT_EQ(target, right) << e.name << " at y " << part.y << ", x " << part.x;
    }
    Image target(e.height + 1, e.width, 3);
    EXPECT_THAT(refusal([&] {
                  decode_frame_part(load(e.name), e.name, {{1, 0, e.height, e.width}}, target);
                }),
                HasSubstr(e.name));
  }
}

TEST(Codec, LabelsOfFewerThan8BitsAreNotStretched) {
  const Image stretched = decode_frame(load("grey_4bit.png"), "grey_4bit.png");
  const Image ids = decode_labels(load("grey_4bit.png"), "grey_4bit.png");
  for (int y = 0; y < ids.height; ++y) {
    for (int x = 0; x < ids.width; ++x) ASSERT_EQ(17 * ids.at(y, x), stretched.at(y, x, 0));
  }
  EXPECT_EQ(decode_labels(load("palette_2bit.png"), "").at(0, 1), 37 % 3);
  EXPECT_EQ(decode_labels(load("grey_1bit.png"), "").at(0, 4), 1);  // level 148 of 256
}

TEST(Codec, HeadersTellFormWithoutPixels) {
  const ImageHeader png = read_header(load("palette_2bit.png"), "");
  EXPECT_EQ(png.codec, Codec::kPng);
  EXPECT_TRUE(png.palette);
  EXPECT_EQ(png.bit_depth, 2);
  EXPECT_EQ(png.height, 9);
  EXPECT_EQ(png.width, 13);
  EXPECT_EQ(read_header(load("rgba.png"), "").channels, 4);
  EXPECT_EQ(read_header(load("bad_grey_16bit.png"), "").bit_depth, 16);
  const ImageHeader jpeg = read_header(load("jpeg_rotated.jpg"), "");
  EXPECT_EQ(jpeg.codec, Codec::kJpeg);
  EXPECT_EQ(jpeg.height, 40);
  EXPECT_EQ(jpeg.width, 56);
  EXPECT_EQ(jpeg.exif_orientation, 6);
  EXPECT_EQ(read_header(load("jpeg_grey.jpg"), "").channels, 1);
  EXPECT_EQ(read_header(load("bad_cmyk.jpg"), "").channels, 4);
}

TEST(Codec, WhatCannotBeReadIsRefusedWithNameAndReason) {
  EXPECT_THAT(refusal_of_frame("bad_cmyk.jpg"), AllOf(HasSubstr("bad_cmyk.jpg"), HasSubstr("CMYK"), HasSubstr("convert")));
  EXPECT_THAT(refusal_of_frame("bad_grey_16bit.png"), AllOf(HasSubstr("bad_grey_16bit.png"), HasSubstr("16 bits")));
  EXPECT_THAT(refusal_of_frame("bad_rgb_16bit.png"), HasSubstr("16 bits"));
  EXPECT_THAT(refusal_of_frame("bad_row_missing.png"), HasSubstr("damaged PNG"));
  EXPECT_THAT(refusal_of_frame("bad_row_too_many.png"), HasSubstr("damaged PNG"));
  EXPECT_THAT(refusal_of_frame("bad_empty.png"), HasSubstr("empty"));
  EXPECT_THAT(refusal_of_frame("bad_text.jpg"), AllOf(HasSubstr("neither a PNG nor a JPEG"), HasSubstr("3c 68 74 6d")));
  EXPECT_THAT(refusal_of_frame("bad_header_only.jpg"), HasSubstr("JPEG"));
  for (const char* name : {"rgb.png", "rgba.png", "grey_alpha.png", "bad_grey_16bit.png", "jpeg_grey.jpg"}) {
    EXPECT_THAT(refusal([&] { decode_labels(load(name), name); }), HasSubstr(name));
  }
}

TEST(Codec, FramesBeyondThePixelCapAreRefusedFromTheirHeader) {
  for (const char* name : {"bad_bomb.png", "bad_bomb.jpg"}) {
    EXPECT_THAT(refusal([&] { read_header(load(name), name); }),
                AllOf(HasSubstr(name), HasSubstr("px"), HasSubstr("200 million")));
    EXPECT_THAT(refusal_of_frame(name), HasSubstr("200 million"));
  }
}

TEST(Codec, AFileCutAnywhereIsRefused) {
  for (const Expected& e : expected("good.txt")) {
    const std::vector<std::byte> whole = load(e.name);
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(decode_frame(std::span(whole).first(size), e.name), DataError)
          << e.name << " cut to " << size << " of " << whole.size();
    }
  }
}

TEST(Codec, NoFlippedBitOfAPngChangesPixelsSilently) {
  for (const char* name : {"rgb.png", "palette.png", "old_profile.png"}) {
    const std::vector<std::byte> whole = load(name);
    const Image right = decode_frame(whole, name);
    for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::vector<std::byte> flipped = whole;
      flipped[bit / 8] ^= std::byte{1} << bit % 8;
      try {
        EXPECT_EQ(decode_frame(flipped, name), right) << name << " bit " << bit;
      } catch (const DataError&) {
      }
    }
  }
}

TEST(Codec, NoFlippedBitOfAJpegDoesMoreThanChangeSomePixels) {
  for (const char* name : {"jpeg_420.jpg", "jpeg_444_progressive.jpg", "jpeg_422_restart.jpg", "jpeg_rotated.jpg"}) {
    const std::vector<std::byte> whole = load(name);
    for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::vector<std::byte> flipped = whole;
      flipped[bit / 8] ^= std::byte{1} << bit % 8;
      try {
        EXPECT_EQ(decode_frame(flipped, name).channels, 3);
      } catch (const DataError&) {
      }
    }
  }
}

TEST(Codec, PngsHoldWhatWasWrittenAtEveryLevel) {
  for (int channels : {1, 3}) {
    const Image image = rule_picture(37, 53, channels);
    for (int level = 0; level <= 9; ++level) {
      const std::vector<std::byte> coded = encode_png(image, level);
      EXPECT_EQ(channels == 3 ? decode_frame(coded, "") : decode_labels(coded, ""), image);
      EXPECT_EQ(coded, encode_png(image, level)) << "not the same bytes twice";
    }
  }
}

TEST(Codec, PalettePngsHoldIndicesAndColours) {
  const Image indices = [] {
    Image image = rule_picture(5, 7, 1);
    for (uint8_t& index : image.pixels) index %= 3;
    return image;
  }();
  const std::vector<uint8_t> palette = {1, 2, 3, 40, 50, 60, 255, 128, 0};
  const std::vector<std::byte> coded = encode_palette_png(indices, palette);
  EXPECT_TRUE(read_header(coded, "").palette);
  EXPECT_EQ(decode_labels(coded, ""), indices);
  const Image colours = decode_frame(coded, "");
  for (int c = 0; c < 3; ++c) EXPECT_EQ(colours.at(2, 3, c), palette[3 * indices.at(2, 3) + static_cast<size_t>(c)]);
}

TEST(Codec, AWrittenJpegIsCloseToItsPicture) {
  Image smooth(48, 64, 3);
  for (int y = 0; y < smooth.height; ++y) {
    for (int x = 0; x < smooth.width; ++x)
      smooth.at(y, x, 0) = static_cast<uint8_t>(2 * x + y), smooth.at(y, x, 1) = static_cast<uint8_t>(3 * y);
  }
  const Image read = decode_frame(encode_jpeg(smooth, 95), "");
  ASSERT_EQ(read.pixels.size(), smooth.pixels.size());
  double sum = 0;
  for (size_t i = 0; i < read.pixels.size(); ++i) sum += std::abs(read.pixels[i] - smooth.pixels[i]);
  EXPECT_LT(sum / static_cast<double>(read.pixels.size()), 3.0);
}

TEST(Codec, WritersRefuseWhatTheyCannotHold) {
  EXPECT_THROW(encode_png(Image(4, 4, 2)), InternalError);
  EXPECT_THROW(encode_png(Image(0, 4, 3)), InternalError);
  EXPECT_THROW(encode_jpeg(Image(4, 4, 4)), InternalError);
  EXPECT_THROW(encode_palette_png(Image(4, 4, 1), std::vector<uint8_t>{1, 2}), InternalError);
  EXPECT_THROW(encode_palette_png(Image(4, 4, 3), std::vector<uint8_t>{1, 2, 3}), InternalError);
}

}  // namespace
}  // namespace strata
