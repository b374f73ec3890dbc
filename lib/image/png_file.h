#pragma once
// PNG through libpng, or a faster way where the file is plain (png_plain.h). Inside the image layer only; everyone else includes
// image/codec.h.

#include "image/codec.h"

#include <span>
#include <string>

namespace strata {

enum class PngPixels {
  kRgb,     // any 8-bit or smaller file as RGB, without alpha
  kStored,  // one channel of numbers as stored: grey levels or palette indices
};

ImageHeader read_png_header(std::span<const std::byte> coded, const std::string& name);

// A PNG whose pixels are being decoded, and as what.
struct PngSource {
  std::span<const std::byte> coded;
  const std::string& name;
  PngPixels pixels = PngPixels::kRgb;
};
// DataError for 16 bit; with kStored also for colour and alpha.
void decode_png(const PngSource& source, const Placement& placement, Image& target);

}  // namespace strata
