#include "image/codec_trouble.h"
#include "image/png_file.h"
#include "image/png_plain.h"

#include "base/error.h"

#include <fmt/format.h>
#include <png.h>

#include <cstring>

namespace strata {
namespace {

// Chunks that say nothing about the numbers we want. Passing over them keeps harmless oddities (an old colour profile) from
// refusing a picture, while their checksums are still looked at.
constexpr char kIgnoredChunks[] =
    "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0tRNS\0zTXt";
constexpr int kIgnoredChunkCount = sizeof(kIgnoredChunks) / 5;

struct PngHandle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~PngHandle() { png_destroy_read_struct(&png, &info, nullptr); }
};

class PngReader {
 public:
  // Reads up to the first chunk of pixels.
  PngReader(std::span<const std::byte> coded, const std::string& name) : rest_(coded), name_(name) {
    png_ = handle_.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &trouble_, on_error, on_warning);
    info_ = handle_.info = png_ ? png_create_info_struct(png_) : nullptr;
    if (info_ == nullptr) throw InternalError("libpng could not be set up (no memory, or of another version than at build time)");
    guarded([this] {
      png_set_read_fn(png_, this, on_read);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours is require_sensible_size
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, reinterpret_cast<png_const_bytep>(kIgnoredChunks),
                                  kIgnoredChunkCount);
      png_read_info(png_, info_);
    });
    require_sensible_size(name_, png_get_image_height(png_, info_), png_get_image_width(png_, info_));
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  ImageHeader header() const {
    return {.codec = Codec::kPng,
            .height = static_cast<int>(png_get_image_height(png_, info_)),
            .width = static_cast<int>(png_get_image_width(png_, info_)),
            .channels = png_get_channels(png_, info_),
            .bit_depth = png_get_bit_depth(png_, info_),
            .palette = png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE};
  }

  Image decode(PngPixels pixels) {
    const ImageHeader stored = header();
    Image image(stored.height, stored.width, pixels == PngPixels::kRgb ? 3 : 1);
    std::vector<png_bytep> rows(static_cast<size_t>(image.height));
    for (int y = 0; y < image.height; ++y) rows[static_cast<size_t>(y)] = image.row(y);
    guarded([&] {
      if (pixels == PngPixels::kRgb) {
        png_set_expand(png_);
        png_set_strip_alpha(png_);
        png_set_gray_to_rgb(png_);
      } else {
        png_set_packing(png_);
        png_set_check_for_invalid_index(png_, 0);  // indices are ids here, whatever the palette's length
      }
      png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      if (png_get_rowbytes(png_, info_) != static_cast<size_t>(image.width) * image.channels)
        png_error(png_, "unexpected row length");
      png_read_image(png_, rows.data());
      png_read_end(png_, nullptr);
    });
    return image;
  }

 private:
  template <typename Calls>
  void guarded(const Calls& calls) {
    if (!returns_normally(trouble_, calls) || trouble_.any()) throw_damaged(name_, "PNG", trouble_);
  }

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* trouble = static_cast<CodecTrouble*>(png_get_error_ptr(png));
    trouble->note(message);
    std::longjmp(trouble->jump, 1);
  }
  static void on_warning(png_structp png, png_const_charp message) {
    static_cast<CodecTrouble*>(png_get_error_ptr(png))->note(message);
  }
  static void on_read(png_structp png, png_bytep out, size_t count) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader->rest_.size()) png_error(png, "the file ends too early");
    std::memcpy(out, reader->rest_.data(), count);
    reader->rest_ = reader->rest_.subspan(count);
  }

  std::span<const std::byte> rest_;
  std::string name_;
  CodecTrouble trouble_;
  PngHandle handle_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

void require_readable(const ImageHeader& header, const std::string& name, PngPixels pixels) {
  if (header.bit_depth == 16) {
    throw DataError(
        fmt::format("{}: a PNG of 16 bits a channel, of which half would be lost; convert it to 8 bits a channel", name));
  }
  if (pixels == PngPixels::kStored && header.channels != 1) {
    throw DataError(
        fmt::format("{}: {} channels, but labels are class numbers in one channel (grey or palette PNG); a coloured "
                    "picture of labels cannot be used: take the file of ids (Cityscapes: *_labelIds.png)",
                    name, header.channels));
  }
}

}  // namespace

ImageHeader read_png_header(std::span<const std::byte> coded, const std::string& name) { return PngReader(coded, name).header(); }

void decode_png(const PngSource& source, const Placement& placement, Image& target) {
  const Window& part = placement.part;
  if (std::optional<PlainPng> plain = PlainPng::read(source.coded, source.pixels)) {
    require_part(source.name, placement, plain->height(), plain->width());
    for (int y = 0; y < part.y + part.height; ++y) {
      const uint8_t* row = plain->next_row();
      if (y >= part.y) copy_part_of_row(row, placement, y, target);
    }
    return;
  }
  PngReader reader(source.coded, source.name);
  const ImageHeader header = reader.header();
  require_readable(header, source.name, source.pixels);
  require_part(source.name, placement, header.height, header.width);
  const Image whole = reader.decode(source.pixels);
  for (int y = part.y; y < part.y + part.height; ++y) copy_part_of_row(whole.row(y), placement, y, target);
}

}  // namespace strata
