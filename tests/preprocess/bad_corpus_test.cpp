// Files as they come from broken downloads, wrong exports and ill will: each is named with what is wrong, and none gets in.

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "preprocess/encoded_sample.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <functional>

namespace strata::testing {
namespace {

using Bytes = std::vector<std::byte>;

constexpr int kHeight = 40, kWidth = 56;

Bytes fixture(const std::string& name) { return read_file(source_dir() / "tests/lib/image/files" / name); }
Bytes text(std::string_view characters) {
  const auto* begin = reinterpret_cast<const std::byte*>(characters.data());
  return {begin, begin + characters.size()};
}
Bytes frame_png() { return encode_png(raw_frame(1, kHeight, kWidth)); }
Bytes frame_jpeg() { return encode_jpeg(raw_frame(1, kHeight, kWidth)); }
Bytes label_png(int ids = 12, int height = kHeight, int width = kWidth) { return encode_png(raw_labels(1, ids, height, width)); }
Bytes cut(Bytes bytes, double share) {
  bytes.resize(static_cast<size_t>(static_cast<double>(bytes.size()) * share));
  return bytes;
}
Bytes first(Bytes bytes, size_t count) {
  bytes.resize(count);
  return bytes;
}
Bytes flipped(Bytes bytes, size_t position) {
  bytes.at(position) ^= std::byte{0x55};
  return bytes;
}
Bytes without(Bytes bytes, size_t begin, size_t count) {
  bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(begin), bytes.begin() + static_cast<ptrdiff_t>(begin + count));
  return bytes;
}
Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
// A JPEG whose frame header is overwritten from its length field on: precision, height (2), width (2).
Bytes with_jpeg_header(Bytes bytes, size_t offset, std::initializer_list<uint8_t> values) {
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] != std::byte{0xff} || bytes[i + 1] != std::byte{0xc0}) continue;
    for (const uint8_t value : values) bytes.at(i + 4 + offset++) = std::byte{value};
    return bytes;
  }
  ADD_FAILURE() << "no SOF0";
  return bytes;
}
constexpr size_t kPngIhdr = 8, kPngWidth = 16, kPngIdat = 33;

struct BadCase {
  std::string name;
  BadFile::Kind kind;
  std::string says;  // besides the file's name
  std::function<Bytes()> make;
};

const std::vector<BadCase>& corpus() {
  constexpr auto kFrame = BadFile::Kind::kFrame, kLabels = BadFile::Kind::kLabels;
  static const std::vector<BadCase> cases = {
      {"empty frame", kFrame, "empty (0 bytes)", [] { return Bytes{}; }},
      {"text", kFrame, "neither", [] { return fixture("bad_text.jpg"); }},
      {"error page", kFrame, "neither a PNG nor a JPEG", [] { return text("<html>404 Not Found</html>"); }},
      {"git-lfs pointer", kFrame, "neither", [] { return text("version https://git-lfs.github.com/spec/v1\n"); }},
      {"zeros", kFrame, "neither", [] { return Bytes(4096); }},
      {"GIF", kFrame, "neither", [] { return text("GIF89a\1\0\1\0\0\0\0;"); }},
      {"BMP", kFrame, "neither", [] { return text("BM6\0\0\0\0\0\0\0"); }},
      {"WebP", kFrame, "neither", [] { return text("RIFF\x24\0\0\0WEBPVP8 "); }},
      {"TIFF", kFrame, "neither", [] { return text("II*\0\x08\0\0\0"); }},
      {"one byte", kFrame, "neither", [] { return text("\x89"); }},
      {"PNG signature alone", kFrame, "damaged PNG", [] { return first(frame_png(), 8); }},
      {"PNG cut in its header", kFrame, "damaged PNG", [] { return first(frame_png(), 20); }},
      {"PNG cut in half", kFrame, "damaged PNG", [] { return cut(frame_png(), 0.5); }},
      {"PNG without its last byte", kFrame, "damaged PNG", [] { return first(frame_png(), frame_png().size() - 1); }},
      {"PNG without its end", kFrame, "damaged PNG", [] { return first(frame_png(), frame_png().size() - 12); }},
      {"PNG with a flipped header", kFrame, "damaged PNG", [] { return flipped(frame_png(), kPngWidth + 3); }},
      {"PNG with a flipped pixel", kFrame, "damaged PNG", [] { return flipped(frame_png(), frame_png().size() / 2); }},
      {"PNG with a flipped checksum", kFrame, "damaged PNG", [] { return flipped(frame_png(), frame_png().size() - 14); }},
      {"PNG without header", kFrame, "damaged PNG", [] { return without(frame_png(), kPngIhdr, 25); }},
      {"PNG with a row missing", kFrame, "damaged PNG", [] { return fixture("bad_row_missing.png"); }},
      {"PNG with a row too many", kFrame, "damaged PNG", [] { return fixture("bad_row_too_many.png"); }},
      {"PNG without pixels", kFrame, "damaged PNG",
       [] { return without(frame_png(), kPngIdat, frame_png().size() - 12 - kPngIdat); }},
      {"PNG of 16 bit", kFrame, "16", [] { return fixture("bad_rgb_16bit.png"); }},
      {"grey PNG of 16 bit", kFrame, "16", [] { return fixture("bad_grey_16bit.png"); }},
      {"PNG bomb", kFrame, "million can be read", [] { return fixture("bad_bomb.png"); }},
      {"JPEG bomb", kFrame, "million can be read", [] { return fixture("bad_bomb.jpg"); }},
      {"JPEG of 65535x65535 px", kFrame, "65500 pixels",
       [] {
         return with_jpeg_header(frame_jpeg(), 1, {0xff, 0xff, 0xff, 0xff});
       }},
      {"JPEG of height 0", kFrame, "",
       [] {
         return with_jpeg_header(frame_jpeg(), 1, {0, 0});
       }},
      {"JPEG of width 0", kFrame, "",
       [] {
         return with_jpeg_header(frame_jpeg(), 3, {0, 0});
       }},
      {"JPEG of 12 bit", kFrame, "damaged JPEG", [] { return with_jpeg_header(frame_jpeg(), 0, {12}); }},
      {"JPEG that claims another height", kFrame, "damaged JPEG",
       [] {
         return with_jpeg_header(frame_jpeg(), 1, {4, 0});
       }},
      {"JPEG begun", kFrame, "damaged JPEG", [] { return fixture("bad_header_only.jpg"); }},
      {"JPEG cut in half", kFrame, "damaged JPEG", [] { return cut(frame_jpeg(), 0.5); }},
      {"JPEG cut before its end", kFrame, "damaged JPEG", [] { return first(frame_jpeg(), frame_jpeg().size() - 30); }},
      {"progressive JPEG cut short", kFrame, "damaged JPEG", [] { return cut(fixture("jpeg_444_progressive.jpg"), 0.9); }},
      {"CMYK", kFrame, "CMYK", [] { return fixture("bad_cmyk.jpg"); }},
      {"empty labels", kLabels, "empty (0 bytes)", [] { return Bytes{}; }},
      {"labels in a JPEG", kLabels, "labels in a JPEG", [] { return frame_jpeg(); }},
      {"labels in colour", kLabels, "", [] { return frame_png(); }},
      {"labels with alpha", kLabels, "", [] { return fixture("rgba.png"); }},
      {"grey labels with alpha", kLabels, "", [] { return fixture("grey_alpha.png"); }},
      {"labels of 16 bit", kLabels, "16", [] { return fixture("bad_grey_16bit.png"); }},
      {"labels cut short", kLabels, "damaged PNG", [] { return cut(label_png(), 0.6); }},
      {"labels with a flipped byte", kLabels, "damaged PNG", [] { return flipped(label_png(), label_png().size() - 14); }},
      {"labels of another width", kLabels, "labels of 55x40 px", [] { return label_png(12, kHeight, kWidth - 1); }},
      {"labels on their side", kLabels, "labels of 40x56 px", [] { return label_png(12, kWidth, kHeight); }},
      {"labels of one pixel", kLabels, "labels of 1x1 px", [] { return label_png(12, 1, 1); }},
      {"unknown id", kLabels, "label id 12", [] { return encode_png(Image(kHeight, kWidth, 1, 12)); }},
      {"labels bomb", kLabels, "million can be read", [] { return fixture("bad_bomb.png"); }},
      {"labels as text", kLabels, "neither", [] { return text("0 0 1 1\n"); }},
  };
  return cases;
}

class BadCorpus : public ::testing::Test {
 protected:
  EncodedSample encode(const Bytes& frame, const Bytes& labels) const {
    write_file_atomically(source_.frame, frame);
    write_file_atomically(source_.labels, labels);
    return encode_sample(source_, *layout_, {});
  }
  const ScratchDirectory scratch_;
  const std::unique_ptr<Layout> layout_ = make_layout({.dataset = "camvid", .input = scratch_.path()});
  const SourceSample source_{"a", scratch_ / "the_frame.png", scratch_ / "the_labels.png"};
};

TEST_F(BadCorpus, IsRefusedFileByFileWithItsReason) {
  EXPECT_GE(corpus().size(), 40u);
  for (const BadCase& bad : corpus()) {
    const bool is_frame = bad.kind == BadFile::Kind::kFrame;
    const EncodedSample encoded = is_frame ? encode(bad.make(), label_png()) : encode(frame_png(), bad.make());
    ASSERT_TRUE(encoded.bad.has_value()) << bad.name;
    EXPECT_EQ(encoded.bad->kind, bad.kind) << bad.name << ": " << encoded.bad->message;
    EXPECT_THAT(encoded.bad->message, ::testing::HasSubstr(is_frame ? "the_frame.png" : "the_labels.png")) << bad.name;
    EXPECT_THAT(encoded.bad->message, ::testing::HasSubstr(bad.says)) << bad.name;
    EXPECT_TRUE(encoded.coded.empty()) << bad.name;
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  EXPECT_LT(used.ru_maxrss, 400 * 1024) << "KiB: a file's claims were believed before they were checked";
}

// What looks odd and is none the less the frame that it is.
TEST_F(BadCorpus, OddFramesGetInWithThePixelsTheyShow) {
  for (const char* name :
       {"jpeg_420.jpg", "jpeg_422_restart.jpg", "jpeg_444_progressive.jpg", "jpeg_grey.jpg", "jpeg_rotated.jpg"}) {
    const EncodedSample encoded = encode(fixture(name), label_png());  // a JPEG behind .png: its bytes say what it is
    ASSERT_FALSE(encoded.bad.has_value()) << name << ": " << encoded.bad->message;
    ASSERT_EQ(encoded.sample.tiles[0].codec, TileCodec::kJpeg) << name;
    const auto tile = std::span(encoded.coded).first(encoded.sample.tiles[0].bytes);
    EXPECT_EQ(decode_frame(tile, name), decode_frame(fixture(name), name)) << name;
  }
  for (const char* name : {"rgba.png", "palette.png", "palette_transparent.png", "grey.png", "grey_1bit.png", "interlaced.png"}) {
    const EncodedSample encoded = encode(fixture(name), label_png(12, 9, 13));
    ASSERT_FALSE(encoded.bad.has_value()) << name << ": " << encoded.bad->message;
    const auto tile = std::span(encoded.coded).first(encoded.sample.tiles[0].bytes);
    EXPECT_EQ(decode_frame(tile, name), decode_frame(fixture(name), name)) << name;
  }
}

TEST_F(BadCorpus, KeptOriginalsAreTheFilesThemselves) {
  const EncodedSample encoded = [&] {
    write_file_atomically(source_.frame, fixture("jpeg_444_progressive.jpg"));
    write_file_atomically(source_.labels, label_png());
    return encode_sample(source_, *layout_, {.keep = Keep::kOriginal});
  }();
  ASSERT_EQ(encoded.sample.tiles.size(), 2u);
  EXPECT_EQ(encoded.coded, joined(fixture("jpeg_444_progressive.jpg"), label_png()));
}

}  // namespace
}  // namespace strata::testing
