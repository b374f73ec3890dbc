#include "image/resize.h"

#include "base/error.h"
#include "image/resize_taps.h"
#include "image/wide_processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace strata {
namespace {

Axis vertical(const ResizePlan& plan, const Window& window) { return {plan.full_height, plan.height, window.y, window.height}; }
Axis horizontal(const ResizePlan& plan, const Window& window) { return {plan.full_width, plan.width, window.x, window.width}; }

template <size_t kChannels>
void pick_pixels(const uint8_t* row, const std::vector<int>& columns, uint8_t* to) {
  for (const int column : columns) to = std::copy_n(row + kChannels * static_cast<size_t>(column), kChannels, to);
}

Image pick_nearest(const Image& source, const Window& source_window, const ResizePlan& plan, const Window& window) {
  const std::vector<int> rows = nearest_indices(vertical(plan, window));
  std::vector<int> columns = nearest_indices(horizontal(plan, window));
  for (int& column : columns) column -= source_window.x;
  Image result(window.height, window.width, source.channels);
  for (int y = 0; y < window.height; ++y) {
    const uint8_t* from = source.row(rows[static_cast<size_t>(y)] - source_window.y);
    source.channels == 1 ? pick_pixels<1>(from, columns, result.row(y)) : pick_pixels<3>(from, columns, result.row(y));
  }
  return result;
}

constexpr int32_t kHalf = 1 << (kFractionBits - 1);

// Where the pixels at hand begin in the whole source.
struct Corner {
  int y = 0, x = 0;
};

// Four values of a pixel's place in each of two rows, which share their weights; those beyond its channels are of its neighbours
// and are dropped in the end.
using PixelPair = int32_t __attribute__((vector_size(32), aligned(4), may_alias));
using Bytes = uint8_t __attribute__((vector_size(32), may_alias));

constexpr size_t kPair = 8;  // values

struct RowPair {
  const uint8_t *first = nullptr, *second = nullptr;
  int pixels = 0, channels = 0;
};

// By shifts, as compilers make no wide instructions of a conversion from bytes.
inline void load_pair(const uint8_t* first, const uint8_t* second, size_t bytes, PixelPair& pair) {
  using Words = uint32_t __attribute__((vector_size(32)));
  uint32_t a = 0, b = 0;
  std::memcpy(&a, first, bytes);
  std::memcpy(&b, second, bytes);
  const Words both = {a, a, a, a, b, b, b, b}, bits = {0, 8, 16, 24, 0, 8, 16, 24};
  pair = reinterpret_cast<PixelPair>((both >> bits) & 0xFF);
}

inline void store_bytes(PixelPair& sum, uint8_t* eight) {
  sum >>= kFractionBits;
  sum = sum < 0 ? 0 : sum;
  sum = sum > 255 ? 255 : sum;
  const Bytes all = reinterpret_cast<Bytes>(sum);
  const Bytes low = __builtin_shufflevector(all, all, 0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                            0, 0, 0, 0, 0, 0, 0, 0);
  std::memcpy(eight, &low, kPair);
}

// A pixel's place has four bytes but at a row's end.
STRATA_FOR_WIDE_PROCESSORS void load_pairs(const RowPair& rows, PixelPair* pairs) {
  constexpr int kWhole = 4;
  const uint8_t *first = rows.first, *second = rows.second;
  const PixelPair* const end = pairs + rows.pixels;
  for (; end - pairs > kWhole; ++pairs, first += rows.channels, second += rows.channels) load_pair(first, second, kWhole, *pairs);
  for (; pairs != end; ++pairs, first += rows.channels, second += rows.channels)
    load_pair(first, second, static_cast<size_t>(rows.channels), *pairs);
}

// One result pixel of both rows after another. Integers: the same sums on any processor.
STRATA_FOR_WIDE_PROCESSORS void sum_pairs(const PixelPair* pairs, int begin, const Taps& taps, uint8_t* results) {
  for (size_t x = 0; x < taps.spans.size(); ++x) {
    const PixelPair* from = pairs + (taps.spans[x].begin - begin);
    const int32_t* weights = &taps.weights[x * taps.stride];
    PixelPair sum = {kHalf, kHalf, kHalf, kHalf, kHalf, kHalf, kHalf, kHalf};
    for (int k = 0; k < taps.spans[x].size; ++k) sum += from[k] * weights[k];
    store_bytes(sum, results + kPair * x);
  }
}

template <size_t kChannels>
void store_pairs(const uint8_t* pairs, size_t count, uint8_t* first, uint8_t* second) {
  for (size_t x = 0; x < count; ++x, pairs += kPair, first += kChannels, second += kChannels) {
    std::memcpy(first, pairs, kChannels);
    std::memcpy(second, pairs + kPair / 2, kChannels);
  }
}

// Sums along the source's rows of `rows`, one result row each.
template <int kChannels>
Image sum_along_rows(const Image& source, Corner corner, Span rows, const Taps& taps) {
  Image result(rows.size, static_cast<int>(taps.spans.size()), kChannels);
  std::vector<int32_t> pairs(kPair * static_cast<size_t>(source.width));
  std::vector<uint8_t> results(kPair * taps.spans.size());
  auto* const wide = reinterpret_cast<PixelPair*>(pairs.data());
  for (int y = 0; y < rows.size; y += 2) {
    const int last = std::min(y + 1, rows.size - 1);  // an odd last row is done twice
    const int top = rows.begin - corner.y;
    load_pairs({source.row(top + y), source.row(top + last), source.width, kChannels}, wide);
    sum_pairs(wide, corner.x, taps, results.data());
    store_pairs<kChannels>(results.data(), taps.spans.size(), result.row(y), result.row(last));
  }
  return result;
}

STRATA_FOR_WIDE_PROCESSORS void add_weighted(const uint8_t* from, int32_t weight, size_t size, int32_t* sums) {
  for (size_t i = 0; i < size; ++i) sums[i] += from[i] * weight;
}

STRATA_FOR_WIDE_PROCESSORS void store_sums(const int32_t* sums, size_t size, uint8_t* to) {
  for (size_t i = 0; i < size; ++i) to[i] = static_cast<uint8_t>(std::clamp(sums[i] >> kFractionBits, 0, 255));
}

// Sums along columns; row 0 of `source` is row `first_row` of the whole.
Image sum_along_columns(const Image& source, int first_row, const Taps& taps) {
  Image result(static_cast<int>(taps.spans.size()), source.width, source.channels);
  std::vector<int32_t> sums(static_cast<size_t>(source.width) * source.channels);
  for (size_t y = 0; y < taps.spans.size(); ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int k = 0; k < taps.spans[y].size; ++k) {
      add_weighted(source.row(taps.spans[y].begin - first_row + k), taps.weights[y * taps.stride + static_cast<size_t>(k)],
                   sums.size(), sums.data());
    }
    store_sums(sums.data(), sums.size(), result.row(static_cast<int>(y)));
  }
  return result;
}

// Rows first, rounded to 8 bits between: Pillow's order.
Image sum_weighted(const Image& source, Corner corner, const ResizePlan& plan, const Window& window) {
  const Span rows = source_span(vertical(plan, window), plan.filter);
  const Taps columns = taps_of(horizontal(plan, window), plan.filter);
  const Image narrowed =
      source.channels == 1 ? sum_along_rows<1>(source, corner, rows, columns) : sum_along_rows<3>(source, corner, rows, columns);
  return sum_along_columns(narrowed, rows.begin, taps_of(vertical(plan, window), plan.filter));
}

bool contains(const Window& outer, const Window& inner) {
  return inner.y >= outer.y && inner.x >= outer.x && inner.y + inner.height <= outer.y + outer.height &&
         inner.x + inner.width <= outer.x + outer.width;
}

void require_usable(const ResizePlan& plan, const Window& window) {
  if (plan.full_height < 1 || plan.full_width < 1 || plan.height < 1 || plan.width < 1) {
    throw InternalError(
        fmt::format("cannot resize {}x{} px to {}x{} px", plan.full_width, plan.full_height, plan.width, plan.height));
  }
  if (window.height < 1 || window.width < 1 || !contains({0, 0, plan.height, plan.width}, window)) {
    throw InternalError(fmt::format("window {}x{} at y {}, x {} is not within the {}x{} px of the result", window.width,
                                    window.height, window.y, window.x, plan.width, plan.height));
  }
}

}  // namespace

Window source_window_for(const ResizePlan& plan, const Window& window) {
  require_usable(plan, window);
  const Span rows = source_span(vertical(plan, window), plan.filter),
             columns = source_span(horizontal(plan, window), plan.filter);
  return {rows.begin, columns.begin, rows.size, columns.size};
}

Image resize_window(const Image& source, const Window& source_window, const ResizePlan& plan, const Window& window) {
  const Window needed = source_window_for(plan, window);
  if (source.height != source_window.height || source.width != source_window.width || !contains(source_window, needed)) {
    throw InternalError(fmt::format(
        "{}x{} px of the source at y {}, x {} do not hold the {}x{} px at y {}, x {} that the window needs", source.width,
        source.height, source_window.y, source_window.x, needed.width, needed.height, needed.y, needed.x));
  }
  if (source.channels != 1 && source.channels != 3)
    throw InternalError(fmt::format("cannot resize {} channels: 1 or 3", source.channels));
  if (plan.filter == Filter::kNearest) return pick_nearest(source, source_window, plan, window);
  return sum_weighted(source, {source_window.y, source_window.x}, plan, window);
}

Image resize(const Image& image, int height, int width, Filter filter) {
  return resize_window(image, {0, 0, image.height, image.width}, {image.height, image.width, height, width, filter},
                       {0, 0, height, width});
}

}  // namespace strata
