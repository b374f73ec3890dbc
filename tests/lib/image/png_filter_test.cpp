#include "image/png_filter.h"

#include "base/random.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace strata {
namespace {

using Row = std::vector<uint8_t>;

Row random_row(size_t size, RandomStream& random) {
  Row row(size);
  for (uint8_t& value : row) value = static_cast<uint8_t>(random.below(256));
  return row;
}

// The specification's formulas.
int predicted(PngFilter filter, int left, int above, int above_left) {
  const int sum = left + above - above_left;
  const int from_left = std::abs(sum - left), from_above = std::abs(sum - above), from_above_left = std::abs(sum - above_left);
  switch (filter) {
    case PngFilter::kNone:
      return 0;
    case PngFilter::kSub:
      return left;
    case PngFilter::kUp:
      return above;
    case PngFilter::kAverage:
      return (left + above) / 2;
    case PngFilter::kPaeth:
      if (from_left <= from_above && from_left <= from_above_left) return left;
      return from_above <= from_above_left ? above : above_left;
  }
  return -1;
}

Row filtered(PngFilter filter, size_t pixel_bytes, const Row& above, const Row& row) {
  Row result(row.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const bool first = i < pixel_bytes;
    result[i] = static_cast<uint8_t>(
        row[i] - predicted(filter, first ? 0 : row[i - pixel_bytes], above[i], first ? 0 : above[i - pixel_bytes]));
  }
  return result;
}

TEST(PngFilter, EveryFilterIsUndoneAsTheSpecificationSays) {
  RandomStream random(11);
  for (int round = 0; round < 200; ++round) {
    for (const size_t pixel_bytes : {1u, 3u}) {
      const size_t size = pixel_bytes * static_cast<size_t>(random.between(1, 80));
      const Row above = random_row(size, random), row = random_row(size, random);
      for (uint8_t number = 0; number < kPngFilters; ++number) {
        const auto filter = static_cast<PngFilter>(number);
        Row restored = filtered(filter, pixel_bytes, above, row);
        undo_png_filter(filter, pixel_bytes, above.data(), restored);
        EXPECT_EQ(restored, row) << "filter " << int{number} << ", " << pixel_bytes << " bytes a pixel";
      }
    }
  }
}

TEST(PngFilter, WrittenRowsAreTheFilteredOnes) {
  RandomStream random(12);
  int sub = 0, up = 0;
  for (int round = 0; round < 200; ++round) {
    const size_t size = 3 * static_cast<size_t>(random.between(1, 80));
    const Row above = random_row(size, random), row = random_row(size, random);
    Row out(1 + size);
    write_filtered_row(3, above.data(), row, out.data());
    const auto filter = static_cast<PngFilter>(out[0]);
    ASSERT_TRUE(filter == PngFilter::kSub || filter == PngFilter::kUp);
    (filter == PngFilter::kSub ? sub : up) += 1;
    EXPECT_EQ(Row(out.begin() + 1, out.end()), filtered(filter, 3, above, row));
  }
  EXPECT_GT(sub, 20);
  EXPECT_GT(up, 20);
}

TEST(PngFilter, RowsOfIdsAreLeftAlone) {
  const Row above = {1, 2, 3}, row = {7, 7, 8};
  Row out(4);
  write_filtered_row(1, above.data(), row, out.data());
  EXPECT_EQ(out, (Row{0, 7, 7, 8}));
}

}  // namespace
}  // namespace strata
