#include "image/png_plain.h"

#include "image/png_chunks.h"
#include "image/png_filter.h"

#include <libdeflate.h>

#include <algorithm>

namespace strata {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

// Chunk IHDR.
struct Header {
  uint32_t width = 0, height = 0;
  uint8_t depth = 0, color = 0, compression = 0, filter = 0, interlace = 0;
};
constexpr size_t kHeaderBytes = 13;
constexpr uint8_t kGrey = 0, kRgb = 2, kIndices = 3;

Header header_of(std::span<const std::byte> data) {
  const auto byte = [&](size_t at) { return std::to_integer<uint8_t>(data[at]); };
  return {png_number(data), png_number(data.subspan(4)), byte(8), byte(9), byte(10), byte(11), byte(12)};
}

bool is_plain(const Header& header, PngPixels pixels) {
  const bool right_color = pixels == PngPixels::kRgb ? header.color == kRgb : header.color == kGrey || header.color == kIndices;
  return header.height > 0 && header.width > 0 && uint64_t{header.height} * header.width <= uint64_t{kMaxPixels} &&
         header.depth == 8 && right_color && header.compression == 0 && header.filter == 0 && header.interlace == 0;
}

// The data of consecutive IDATs between the chunks that belong before and behind them; empty where the chunks are others.
std::vector<PngChunk> data_chunks(const std::vector<PngChunk>& chunks, const Header& header) {
  constexpr size_t kMostPaletteBytes = 3 * 256;
  auto first = chunks.begin() + 1;
  if (header.color == kIndices) {
    if (first == chunks.end() || first->type != "PLTE") return {};
    if (first->data.empty() || first->data.size() % 3 != 0 || first->data.size() > kMostPaletteBytes) return {};
    ++first;
  }
  const auto last = chunks.end() - 1;
  if (first >= last || last->type != "IEND" || !last->data.empty()) return {};
  if (!std::all_of(first, last, [](const PngChunk& chunk) { return chunk.type == "IDAT"; })) return {};
  return {first, last};
}

std::vector<std::byte> joined(const std::vector<PngChunk>& chunks) {
  std::vector<std::byte> whole;
  for (const PngChunk& chunk : chunks) whole.insert(whole.end(), chunk.data.begin(), chunk.data.end());
  return whole;
}

// Whether exactly `size` bytes come out, and nothing is left over.
bool inflate_whole(std::span<const std::byte> deflated, uint8_t* out, size_t size) {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  if (!decompressor) return false;
  size_t taken = 0;
  const auto result =
      libdeflate_zlib_decompress_ex(decompressor.get(), deflated.data(), deflated.size(), out, size, &taken, nullptr);
  return result == LIBDEFLATE_SUCCESS && taken == deflated.size();
}

}  // namespace

std::optional<PlainPng> PlainPng::read(std::span<const std::byte> coded, PngPixels pixels) {
  constexpr size_t kMostInflation = 1032;  // no byte of a deflated stream stands for more
  const auto chunks = read_png_chunks(coded);
  if (!chunks || chunks->size() < 3 || chunks->front().type != "IHDR" || chunks->front().data.size() != kHeaderBytes)
    return std::nullopt;
  const Header header = header_of(chunks->front().data);
  if (!is_plain(header, pixels)) return std::nullopt;
  const std::vector<PngChunk> data = data_chunks(*chunks, header);
  if (data.empty()) return std::nullopt;

  PlainPng png;
  png.height_ = static_cast<int>(header.height);
  png.width_ = static_cast<int>(header.width);
  png.pixel_bytes_ = header.color == kRgb ? 3 : 1;
  png.row_bytes_ = png.pixel_bytes_ * header.width;
  const size_t size = header.height * (1 + png.row_bytes_);
  if (size / kMostInflation > coded.size()) return std::nullopt;
  png.filtered_ = std::make_unique_for_overwrite<uint8_t[]>(size);
  const std::vector<std::byte> whole = data.size() == 1 ? std::vector<std::byte>() : joined(data);
  if (!inflate_whole(data.size() == 1 ? data.front().data : std::span(whole), png.filtered_.get(), size)) return std::nullopt;
  for (size_t at = 0; at < size; at += 1 + png.row_bytes_) {
    if (png.filtered_[at] >= kPngFilters) return std::nullopt;
  }
  png.black_.resize(png.row_bytes_);
  png.next_ = png.filtered_.get();
  png.above_ = png.black_.data();
  return png;
}

const uint8_t* PlainPng::next_row() {
  undo_png_filter(static_cast<PngFilter>(*next_), pixel_bytes_, above_, {next_ + 1, row_bytes_});
  above_ = next_ + 1;
  next_ += 1 + row_bytes_;
  return above_;
}

}  // namespace strata
