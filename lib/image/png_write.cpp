#include "image/codec.h"
#include "image/png_chunks.h"
#include "image/png_filter.h"

#include "base/error.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <memory>

namespace strata {
namespace {

constexpr size_t kMostColors = 256;
constexpr std::byte kGrey{0}, kRgb{2}, kIndices{3};

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

std::vector<std::byte> deflate(std::span<const uint8_t> bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(level));
  if (!compressor) throw InternalError(fmt::format("libdeflate cannot compress at level {} (0 to 12), or has no memory", level));
  std::vector<std::byte> deflated(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()));
  deflated.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), deflated.data(), deflated.size()));
  if (deflated.empty()) throw InternalError(fmt::format("libdeflate could not compress {} bytes", bytes.size()));
  return deflated;
}

std::vector<uint8_t> filtered(const Image& image) {
  const size_t row_bytes = static_cast<size_t>(image.width) * image.channels;
  std::vector<uint8_t> rows(static_cast<size_t>(image.height) * (1 + row_bytes));
  const std::vector<uint8_t> black(row_bytes);
  for (int y = 0; y < image.height; ++y) {
    write_filtered_row(static_cast<size_t>(image.channels), y == 0 ? black.data() : image.row(y - 1), {image.row(y), row_bytes},
                       &rows[static_cast<size_t>(y) * (1 + row_bytes)]);
  }
  return rows;
}

// An empty palette: grey or RGB by the number of channels.
std::vector<std::byte> encode(const Image& image, std::span<const uint8_t> palette, int level) {
  std::vector<std::byte> header;
  append_png_number(static_cast<uint32_t>(image.width), header);
  append_png_number(static_cast<uint32_t>(image.height), header);
  const std::byte color = !palette.empty() ? kIndices : image.channels == 3 ? kRgb : kGrey;
  for (const std::byte byte : {std::byte{8}, color, std::byte{0}, std::byte{0}, std::byte{0}}) header.push_back(byte);

  std::vector<std::byte> coded;
  for (const uint8_t byte : kPngSignature) coded.push_back(std::byte{byte});
  append_png_chunk("IHDR", header, coded);
  if (!palette.empty()) append_png_chunk("PLTE", std::as_bytes(palette), coded);
  append_png_chunk("IDAT", deflate(filtered(image), level), coded);
  append_png_chunk("IEND", {}, coded);
  return coded;
}

void require_pixels(const Image& image) {
  const bool consistent = image.height > 0 && image.width > 0 &&
                          image.pixels.size() == static_cast<size_t>(image.height) * image.width * image.channels;
  if (!consistent || (image.channels != 1 && image.channels != 3)) {
    throw InternalError(
        fmt::format("cannot encode a PNG of {}x{} px, {} channels and {} bytes: 1 or 3 channels of 8 bits are wanted",
                    image.width, image.height, image.channels, image.pixels.size()));
  }
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image, int level) {
  require_pixels(image);
  return encode(image, {}, level);
}

std::vector<std::byte> encode_palette_png(const Image& indices, std::span<const uint8_t> rgb_palette) {
  require_pixels(indices);
  if (indices.channels != 1 || rgb_palette.empty() || rgb_palette.size() % 3 != 0 || rgb_palette.size() > 3 * kMostColors) {
    throw InternalError(
        fmt::format("a palette PNG wants 1 channel and 1 to 256 RGB triples; got {} channels and {} palette bytes",
                    indices.channels, rgb_palette.size()));
  }
  return encode(indices, rgb_palette, 6);
}

}  // namespace strata
