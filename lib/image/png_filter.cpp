#include "image/png_filter.h"

#include "image/wide_processors.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace strata {
namespace {

// Loops below take the bytes of a pixel as numbers of 16 bits side by side; those beyond its colours are nobody's.
using Pixel = int16_t __attribute__((vector_size(8)));
using Bytes = uint8_t __attribute__((vector_size(4)));

template <size_t kBytes>
inline void load(const uint8_t* from, Pixel& pixel) {
  Bytes bytes{};
  std::memcpy(&bytes, from, kBytes);
  pixel = __builtin_convertvector(bytes, Pixel);
}

template <size_t kBytes>
inline void store(const Pixel& pixel, uint8_t* to) {
  const Bytes bytes = __builtin_convertvector(pixel, Bytes);
  std::memcpy(to, &bytes, kBytes);
}

inline void magnitude(const Pixel& value, Pixel& result) { result = value < 0 ? -value : value; }

// `predict` makes of the pixel to the left, the one above, and the one above that to the left what a difference is from.
template <size_t kBytes, typename Predict>
void undo(const Predict& predict, const uint8_t* above, std::span<uint8_t> row) {
  Pixel left{}, above_left{};
  for (size_t i = 0; i < row.size(); i += kBytes) {
    Pixel up, value, predicted;
    load<kBytes>(above + i, up);
    load<kBytes>(&row[i], value);
    predict(left, up, above_left, predicted);
    left = (value + predicted) & 0xFF;
    store<kBytes>(left, &row[i]);
    above_left = up;
  }
}

void predict_left(const Pixel& left, const Pixel&, const Pixel&, Pixel& predicted) { predicted = left; }

void predict_average(const Pixel& left, const Pixel& up, const Pixel&, Pixel& predicted) { predicted = (left + up) >> 1; }

// Of the three, that nearest to left + up - above_left; left before up before above_left where equally near.
void predict_nearest(const Pixel& left, const Pixel& up, const Pixel& above_left, Pixel& predicted) {
  Pixel from_left, from_up, from_above_left;
  magnitude(up - above_left, from_left);
  magnitude(left - above_left, from_up);
  magnitude(left + up - above_left - above_left, from_above_left);
  const Pixel other = from_up <= from_above_left ? up : above_left;
  predicted = ((from_left <= from_up) & (from_left <= from_above_left)) ? left : other;
}

STRATA_FOR_WIDE_PROCESSORS void add_row(const uint8_t* above, size_t size, uint8_t* row) {
  for (size_t i = 0; i < size; ++i) row[i] = static_cast<uint8_t>(row[i] + above[i]);
}

template <size_t kBytes>
void undo(PngFilter filter, const uint8_t* above, std::span<uint8_t> row) {
  switch (filter) {
    case PngFilter::kNone:
      return;
    case PngFilter::kSub:
      return undo<kBytes>(predict_left, above, row);
    case PngFilter::kUp:
      return add_row(above, row.size(), row.data());
    case PngFilter::kAverage:
      return undo<kBytes>(predict_average, above, row);
    case PngFilter::kPaeth:
      return undo<kBytes>(predict_nearest, above, row);
  }
}

// The size of a difference, taken as a signed number.
inline uint32_t size_of(uint8_t difference) { return static_cast<uint32_t>(std::abs(static_cast<int8_t>(difference))); }

// out[i] = row[i] - from[i]; the sum of the differences' sizes.
STRATA_FOR_WIDE_PROCESSORS uint32_t subtract(const uint8_t* __restrict row, const uint8_t* __restrict from, size_t size,
                                             uint8_t* __restrict out) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; ++i) {
    out[i] = static_cast<uint8_t>(row[i] - from[i]);
    sum += size_of(out[i]);
  }
  return sum;
}

}  // namespace

void undo_png_filter(PngFilter filter, size_t pixel_bytes, const uint8_t* above, std::span<uint8_t> row) {
  pixel_bytes == 3 ? undo<3>(filter, above, row) : undo<1>(filter, above, row);
}

void write_filtered_row(size_t pixel_bytes, const uint8_t* above, std::span<const uint8_t> row, uint8_t* out) {
  if (pixel_bytes == 1) {
    *out = static_cast<uint8_t>(PngFilter::kNone);
    std::copy(row.begin(), row.end(), out + 1);
    return;
  }
  std::vector<uint8_t> sub(row.size());
  uint32_t sub_size = subtract(row.data() + pixel_bytes, row.data(), row.size() - pixel_bytes, sub.data() + pixel_bytes);
  for (size_t i = 0; i < pixel_bytes; ++i) sub_size += size_of(sub[i] = row[i]);
  const uint32_t up_size = subtract(row.data(), above, row.size(), out + 1);
  *out = static_cast<uint8_t>(sub_size < up_size ? PngFilter::kSub : PngFilter::kUp);
  if (sub_size < up_size) std::copy(sub.begin(), sub.end(), out + 1);
}

}  // namespace strata
