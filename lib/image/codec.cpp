#include "image/codec.h"

#include "base/error.h"
#include "image/codec_trouble.h"
#include "image/jpeg_file.h"
#include "image/png_chunks.h"
#include "image/png_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace strata {
namespace {

constexpr auto kJpegSignature = std::to_array<uint8_t>({0xFF, 0xD8, 0xFF});

template <size_t kSize>
bool starts_with(std::span<const std::byte> coded, const std::array<uint8_t, kSize>& signature) {
  return coded.size() >= kSize &&
         std::equal(signature.begin(), signature.end(), coded.begin(),
                    [](uint8_t wanted, std::byte found) { return wanted == std::to_integer<uint8_t>(found); });
}

// By content: file suffixes lie.
Codec codec_of(std::span<const std::byte> coded, const std::string& name) {
  if (starts_with(coded, kPngSignature)) return Codec::kPng;
  if (starts_with(coded, kJpegSignature)) return Codec::kJpeg;
  if (coded.empty()) throw DataError(fmt::format("{}: the file is empty (0 bytes); copy it again", name));
  std::vector<int> first;
  for (std::byte byte : coded.first(std::min<size_t>(coded.size(), 4))) first.push_back(std::to_integer<int>(byte));
  throw DataError(fmt::format("{}: neither a PNG nor a JPEG (its first bytes are {:02x}); only these two can be read", name,
                              fmt::join(first, " ")));
}

Placement whole_picture(const ImageHeader& header) { return {{0, 0, header.height, header.width}}; }

}  // namespace

void throw_damaged(const std::string& name, const std::string& kind, const CodecTrouble& trouble) {
  throw DataError(fmt::format("{}: damaged {} ({}). None of its pixels are used; copy it again, or take it out of the data set",
                              name, kind, trouble.any() ? trouble.text.data() : "unknown reason"));
}

void require_sensible_size(const std::string& name, uint64_t height, uint64_t width) {
  if (height > 0 && width > 0 && height * width <= static_cast<uint64_t>(kMaxPixels)) return;
  throw DataError(
      fmt::format("{}: its header announces {}x{} px; at most {} million can be read. If it is not damaged, cut it into parts",
                  name, width, height, kMaxPixels / 1'000'000));
}

void require_part(const std::string& name, const Placement& placement, int height, int width) {
  const Window& part = placement.part;
  const int64_t needed_height = std::max<int64_t>(part.y + part.height, placement.least_height),
                needed_width = std::max<int64_t>(part.x + part.width, placement.least_width);
  if (part.y >= 0 && part.x >= 0 && height >= needed_height && width >= needed_width) return;
  throw DataError(
      fmt::format("{}: its picture has {}x{} px where {}x{} are needed; check the data set with strata-dataset verify", name,
                  width, height, needed_width, needed_height));
}

ImageHeader read_header(std::span<const std::byte> coded, const std::string& name) {
  return codec_of(coded, name) == Codec::kPng ? read_png_header(coded, name) : read_jpeg_header(coded, name);
}

Image decode_frame(std::span<const std::byte> coded, const std::string& name) {
  const ImageHeader header = read_header(coded, name);
  Image frame(header.height, header.width, 3);
  decode_frame_part(coded, name, whole_picture(header), frame);
  return frame;
}

void decode_frame_part(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target) {
  if (codec_of(coded, name) == Codec::kJpeg) return decode_jpeg(coded, name, placement, target);
  decode_png({coded, name, PngPixels::kRgb}, placement, target);
}

Image decode_labels(std::span<const std::byte> coded, const std::string& name) {
  const ImageHeader header = read_header(coded, name);
  Image labels(header.height, header.width, 1);
  decode_labels_part(coded, name, whole_picture(header), labels);
  return labels;
}

void decode_labels_part(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target) {
  if (codec_of(coded, name) == Codec::kJpeg) {
    throw DataError(
        fmt::format("{}: labels in a JPEG, which changes numbers where colours change; use the PNG of class ids", name));
  }
  decode_png({coded, name, PngPixels::kStored}, placement, target);
}

}  // namespace strata
