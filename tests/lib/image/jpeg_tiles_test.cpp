#include "image/jpeg_tiles.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "image/crop.h"
#include "lib/image/pixels.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using testing::rule_picture;

std::vector<std::byte> load(const std::string& name) { return read_file(testing::source_dir() / "tests/lib/image/files" / name); }

// The whole picture from the owned parts of its tiles.
Image assembled(const std::vector<JpegTile>& tiles, int height, int width) {
  Image whole(height, width, 3);
  for (const JpegTile& tile : tiles) {
    const Image picture = decode_frame(tile.coded, "tile");
    EXPECT_EQ(picture.height, tile.picture.height);
    EXPECT_EQ(picture.width, tile.picture.width);
    const Window inside{tile.owned.y - tile.picture.y, tile.owned.x - tile.picture.x, tile.owned.height, tile.owned.width};
    paste(whole, crop(picture, inside), tile.owned.y, tile.owned.x);
  }
  return whole;
}

TEST(JpegTiles, DecodeToTheWholePicturesPixelsWhateverItsKind) {
  for (const char* name :
       {"jpeg_420.jpg", "jpeg_422_restart.jpg", "jpeg_444_progressive.jpg", "jpeg_grey.jpg", "jpeg_rotated.jpg"}) {
    const std::vector<std::byte> coded = load(name);
    const Image whole = decode_frame(coded, name);
    for (const int side : {16, 32, 48, 512}) {
      const std::vector<JpegTile> tiles = cut_jpeg(coded, side, name);
      const int rows = (whole.height + side - 1) / side, columns = (whole.width + side - 1) / side;
      EXPECT_EQ(tiles.size(), static_cast<size_t>(rows * columns)) << name;
      EXPECT_EQ(assembled(tiles, whole.height, whole.width), whole) << name << ", tiles of " << side << " px";
    }
  }
}

TEST(JpegTiles, ReachTheEdgesOfPicturesOfAnySize) {
  for (const int height : {1, 15, 16, 17, 63, 64, 65, 130}) {
    for (const int width : {1, 31, 64, 97}) {
      const std::vector<std::byte> coded = encode_jpeg(rule_picture(height, width, 3), 92);
      EXPECT_EQ(assembled(cut_jpeg(coded, 64, "a.jpg"), height, width), decode_frame(coded, "a.jpg")) << height << " x " << width;
    }
  }
}

TEST(JpegTiles, AreTheSameBytesEachTime) {
  const std::vector<std::byte> coded = load("jpeg_420.jpg");
  const std::vector<JpegTile> once = cut_jpeg(coded, 32, "a"), again = cut_jpeg(coded, 32, "a");
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].coded, again[i].coded);
}

TEST(JpegTiles, AreRefusedOfADamagedFileAndNotMadeOfCmyk) {
  std::vector<std::byte> coded = encode_jpeg(rule_picture(64, 64, 3), 92);
  coded.resize(coded.size() / 2);
  EXPECT_THROW(cut_jpeg(coded, 32, "short.jpg"), DataError);
  EXPECT_THROW(cut_jpeg(load("bad_text.jpg"), 32, "text.jpg"), DataError);
  EXPECT_TRUE(cut_jpeg(load("bad_cmyk.jpg"), 32, "cmyk.jpg").empty());
}

TEST(JpegTiles, AreNotMadeWhereAnMcuDoesNotDivideThem) { EXPECT_TRUE(cut_jpeg(load("jpeg_420.jpg"), 24, "a").empty()); }

}  // namespace
}  // namespace strata
