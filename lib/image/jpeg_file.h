#pragma once
// JPEG through libjpeg-turbo. Inside the image layer only; everyone else includes image/codec.h.

#include "image/codec.h"

#include <span>
#include <string>

struct jpeg_decompress_struct;
struct jpeg_progress_mgr;

namespace strata {

// Ends reading with an error after 500 scans: a progressive file of a few KiB can ask for thousands of passes over its pixels.
// `progress` must live as long as `info`.
void limit_jpeg_scans(jpeg_decompress_struct& info, jpeg_progress_mgr& progress);

ImageHeader read_jpeg_header(std::span<const std::byte> coded, const std::string& name);
// RGB; DataError for CMYK.
void decode_jpeg(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target);

}  // namespace strata
