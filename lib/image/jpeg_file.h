#pragma once
// JPEG through libjpeg-turbo. Inside the image layer only; everyone else includes image/codec.h.

#include "image/codec.h"

#include <span>
#include <string>

namespace strata {

ImageHeader read_jpeg_header(std::span<const std::byte> coded, const std::string& name);
// RGB; DataError for CMYK.
Image decode_jpeg(std::span<const std::byte> coded, const std::string& name);

}  // namespace strata
