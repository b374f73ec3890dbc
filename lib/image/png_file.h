#pragma once
// PNG through libpng. Inside the image layer only; everyone else includes image/codec.h.

#include "image/codec.h"

#include <span>
#include <string>

namespace strata {

enum class PngPixels {
  kRgb,     // any 8-bit or smaller file as RGB, without alpha
  kStored,  // one channel of numbers as stored: grey levels or palette indices
};

ImageHeader read_png_header(std::span<const std::byte> coded, const std::string& name);
// DataError for 16 bit; with kStored also for colour and alpha.
Image decode_png(std::span<const std::byte> coded, const std::string& name, PngPixels pixels);

}  // namespace strata
