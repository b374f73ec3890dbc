#include "image/codec.h"
#include "image/codec_trouble.h"

#include "base/error.h"

#include <fmt/format.h>
#include <png.h>

#include <new>
#include <utility>

namespace strata {
namespace {

class PngWriter {
 public:
  PngWriter() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &trouble_, on_error, on_warning);
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (info_ == nullptr) throw InternalError("libpng could not be set up (no memory, or of another version than at build time)");
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  // An empty palette: grey or RGB by the number of channels.
  std::vector<std::byte> encode(const Image& image, std::span<const png_color> palette, int zlib_level) {
    const int color_type = !palette.empty()      ? PNG_COLOR_TYPE_PALETTE
                           : image.channels == 3 ? PNG_COLOR_TYPE_RGB
                                                 : PNG_COLOR_TYPE_GRAY;
    const bool done = returns_normally(trouble_, [&] {
      png_set_write_fn(png_, &coded_, on_write, nullptr);
      png_set_compression_level(png_, zlib_level);
      png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8, color_type,
                   PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
      if (!palette.empty()) png_set_PLTE(png_, info_, palette.data(), static_cast<int>(palette.size()));
      png_write_info(png_, info_);
      for (int y = 0; y < image.height; ++y) png_write_row(png_, image.row(y));
      png_write_end(png_, info_);
    });
    if (!done || trouble_.any()) {
      throw InternalError(fmt::format("libpng could not encode {}x{} px: {}", image.width, image.height, trouble_.text.data()));
    }
    return std::move(coded_);
  }

 private:
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* trouble = static_cast<CodecTrouble*>(png_get_error_ptr(png));
    trouble->note(message);
    std::longjmp(trouble->jump, 1);
  }
  static void on_warning(png_structp png, png_const_charp message) {
    static_cast<CodecTrouble*>(png_get_error_ptr(png))->note(message);
  }
  static void on_write(png_structp png, png_bytep data, size_t count) {
    auto* coded = static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
    bool stored = true;
    try {
      const auto* bytes = reinterpret_cast<const std::byte*>(data);
      coded->insert(coded->end(), bytes, bytes + count);
    } catch (const std::bad_alloc&) {
      stored = false;
    }
    if (!stored) png_error(png, "out of memory");
  }

  CodecTrouble trouble_;
  std::vector<std::byte> coded_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

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

std::vector<std::byte> encode_png(const Image& image, int zlib_level) {
  require_pixels(image);
  return PngWriter().encode(image, {}, zlib_level);
}

std::vector<std::byte> encode_palette_png(const Image& indices, std::span<const uint8_t> rgb_palette) {
  require_pixels(indices);
  if (indices.channels != 1 || rgb_palette.empty() || rgb_palette.size() % 3 != 0 ||
      rgb_palette.size() > 3 * PNG_MAX_PALETTE_LENGTH) {
    throw InternalError(
        fmt::format("a palette PNG wants 1 channel and 1 to 256 RGB triples; got {} channels and {} palette bytes",
                    indices.channels, rgb_palette.size()));
  }
  std::vector<png_color> palette(rgb_palette.size() / 3);
  for (size_t i = 0; i < palette.size(); ++i) palette[i] = {rgb_palette[3 * i], rgb_palette[3 * i + 1], rgb_palette[3 * i + 2]};
  return PngWriter().encode(indices, palette, 6);
}

}  // namespace strata
