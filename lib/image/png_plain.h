#pragma once
// PNGs of the plainest kind, which Strata writes itself, read and written in about half of libpng's time: libdeflate inflates
// them whole. Inside the image layer only.

#include "image/png_file.h"

#include <memory>
#include <optional>

namespace strata {

// 8 bits a channel, colour (kRgb), or grey levels or palette indices (kStored); rows from top to bottom; no chunks but IHDR,
// PLTE, IDAT and IEND.
class PlainPng {
 public:
  // Nothing where the file is of another kind, or where anything is wrong with it: libpng judges then.
  static std::optional<PlainPng> read(std::span<const std::byte> coded, PngPixels pixels);

  int height() const { return height_; }
  int width() const { return width_; }
  // Row 0, 1, ... height() - 1, in this order: each is told from the one before.
  const uint8_t* next_row();

 private:
  PlainPng() = default;

  int height_ = 0, width_ = 0;
  size_t pixel_bytes_ = 0, row_bytes_ = 0;
  std::unique_ptr<uint8_t[]> filtered_;  // a byte for the filter, then the row, for each
  std::vector<uint8_t> black_;           // above the first row
  uint8_t* next_ = nullptr;
  const uint8_t* above_ = nullptr;
};

}  // namespace strata
