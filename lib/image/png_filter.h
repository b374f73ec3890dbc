#pragma once
// PNG's row filters (PNG specification, section 9): a row is stored as differences from its neighbours. Inside the image layer
// only.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata {

enum class PngFilter : uint8_t { kNone = 0, kSub = 1, kUp = 2, kAverage = 3, kPaeth = 4 };
inline constexpr uint8_t kPngFilters = 5;

// Puts values back in place of differences. `above`: the row above, without filter, as long as `row`; zeros for the first.
// `pixel_bytes`: 1 or 3.
void undo_png_filter(PngFilter filter, size_t pixel_bytes, const uint8_t* above, std::span<uint8_t> row);

// Writes the filter's number and the filtered row, row.size() + 1 bytes, to `out`. Of colours, Sub or Up, whichever leaves
// smaller differences (Up where equal): adaptive choice among all five takes as many bytes and longer to undo. Of ids, none: the
// compressor sees more repetition in them than in their differences.
void write_filtered_row(size_t pixel_bytes, const uint8_t* above, std::span<const uint8_t> row, uint8_t* out);

}  // namespace strata
