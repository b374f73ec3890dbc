#include "data/shard_reader.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"
#include "written_shard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <malloc.h>

#include <fstream>

namespace strata::testing {
namespace {

// Everything a reader gives away, as one text: two shards with the same text are the same to their users.
std::string content_of(const fs::path& file) {
  const ShardReader reader(file);
  std::string text;
  for (size_t i = 0; i < reader.size(); ++i) {
    const Sample& s = reader.sample(i);
    text += fmt::format("{} {} {} {} {};", s.name, s.height, s.width, s.ignored_pixels, fmt::join(s.class_pixels, ","));
    for (const Centroid& c : s.centroids) text += fmt::format("{} {} {};", c.class_id, c.x, c.y);
    for (const Tile& t : s.tiles) {
      text += fmt::format("{} {} {} {} {} {} {};", static_cast<int>(t.kind), static_cast<int>(t.codec), t.y, t.x, t.height,
                          t.width, t.margin_y);
      const std::vector<std::byte> coded = reader.read_tile(t);
      text.append(reinterpret_cast<const char*>(coded.data()), coded.size());
    }
  }
  return text;
}

// One byte in place: rewriting the file thousands of times takes minutes on some file systems.
void put_byte(const fs::path& file, size_t position, std::byte value) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekp(static_cast<std::streamoff>(position));
  stream.put(static_cast<char>(value));
}

enum class Outcome { kDetected, kUnused, kSilent };

// kUnused: the damage lies in bytes that no reader looks at (alignment, padding); the manifest's SHA-256 still sees it.
Outcome read_damaged(const fs::path& file, const std::string& good) {
  try {
    return content_of(file) == good ? Outcome::kUnused : Outcome::kSilent;
  } catch (const DataError&) {
    return Outcome::kDetected;
  } catch (const FormatError&) {
    return Outcome::kDetected;
  }
}

class DamagedShard : public ::testing::Test {
 protected:
  DamagedShard() {
    mallopt(M_TRIM_THRESHOLD, 1 << 30);  // thousands of opened files: HDF5's caches need not go back to the system after each
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    write_noise_shard(file_, 0, 2, 60);
    bytes_ = read_file(file_);
    good_ = content_of(file_);
  }

  const ScratchDirectory scratch_;
  const fs::path file_ = scratch_ / "a.h5";
  std::vector<std::byte> bytes_;
  std::string good_;
};

TEST_F(DamagedShard, IsNoticedWhateverBitFlips) {
  size_t detected = 0, unused = 0;
  for (size_t i = 0; i < bytes_.size(); ++i) {  // one bit of each byte; all eight take the same way through the checksums
    put_byte(file_, i, bytes_[i] ^ std::byte{1} << (i % 8));
    const Outcome outcome = read_damaged(file_, good_);
    put_byte(file_, i, bytes_[i]);
    ASSERT_NE(outcome, Outcome::kSilent) << "a flip in byte " << i << " of " << bytes_.size() << " changes what is read";
    ++(outcome == Outcome::kDetected ? detected : unused);
  }
  std::printf("%zu flips: %zu detected, %zu in bytes that nobody reads\n", bytes_.size(), detected, unused);
  EXPECT_GT(detected, unused);
}

TEST_F(DamagedShard, IsNoticedWhereverItIsCut) {
  for (size_t length = bytes_.size(); length-- > 0;) {
    fs::resize_file(file_, length);
    ASSERT_EQ(read_damaged(file_, good_), Outcome::kDetected) << "cut after " << length << " of " << bytes_.size() << " bytes";
  }
}

TEST_F(DamagedShard, IsNamedWithSampleAndTile) {
  const auto coded = noise_sample(1, 60).coded;
  const auto second_tile = std::search(bytes_.begin(), bytes_.end(), coded.begin() + 60, coded.begin() + 120);
  ASSERT_NE(second_tile, bytes_.end());
  put_byte(file_, static_cast<size_t>(second_tile - bytes_.begin()), *second_tile ^ std::byte{1});
  try {
    content_of(file_);
    FAIL() << "a flipped bit was not noticed";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr(file_.string()),
                                               ::testing::HasSubstr("'town/frame_1' (frame tile at x 64, y 0)")));
  }
}

}  // namespace
}  // namespace strata::testing
