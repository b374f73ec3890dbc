#pragma once
// Files of pixels in and out: JPEG and PNG. Decoding equals Pillow's bytes (libjpeg-turbo's default: ISLOW, fancy upsampling).
// All functions are local, thread-safe, and need no Torch.
//
// Strict: whatever the libraries warn of (a wrong checksum, a file that ends too early, numbers outside their range) is damage, a
// DataError, and no pixel of the file is given out. Notes in a file that do not concern its pixels (colour profiles, times,
// texts) are passed over.

#include "image/image.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata {

enum class Codec { kPng, kJpeg };

// What a coded file says about itself, read without decoding pixels.
struct ImageHeader {
  Codec codec = Codec::kPng;
  int height = 0, width = 0;
  int channels = 0;  // as stored: 1 grey, 3 RGB, 4 RGBA or CMYK, 2 grey+alpha
  int bit_depth = 8;
  bool palette = false;  // PNG colour type 3
  // JPEG: 2-8 where the camera asks viewers to turn the picture. decode_frame() gives pixels as stored and warns once.
  int exif_orientation = 1;
};

// Frames larger than this are refused from their header, before anything is allocated.
inline constexpr int64_t kMaxPixels = 200'000'000;

// `name` is used in messages only. DataError where the bytes are no JPEG/PNG, damaged, truncated or over kMaxPixels.
ImageHeader read_header(std::span<const std::byte> coded, const std::string& name);

// RGB, three channels: grey is repeated, palettes are expanded, alpha is dropped; CMYK and 16 bit are refused.
Image decode_frame(std::span<const std::byte> coded, const std::string& name);

// As decode_frame(), but puts only `part` of the picture at y, x of `target` (RGB, large enough). What lies below the part is not
// looked at. DataError where the picture is smaller than that, or than it should be.
struct Placement {
  Window part;
  int y = 0, x = 0;
  int64_t least_height = 0, least_width = 0;  // px of the picture
};
void decode_frame_part(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target);

// Label ids, one channel: 8-bit grey or palette *indices* (never the palette's colours), also of 1-, 2-, 4-bit files. Anything
// else is refused.
Image decode_labels(std::span<const std::byte> coded, const std::string& name);
void decode_labels_part(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target);

// 1 or 3 channels, 8 bit, deterministic in pixels and level (0 to 12; more: smaller and slower).
std::vector<std::byte> encode_png(const Image& image, int level = 6);
// One channel with a palette of RGB triples (predictions, label pictures).
std::vector<std::byte> encode_palette_png(const Image& indices, std::span<const uint8_t> rgb_palette);
// Quality 1-100, 4:2:0. For reports only: lossy.
std::vector<std::byte> encode_jpeg(const Image& image, int quality = 90);

}  // namespace strata
