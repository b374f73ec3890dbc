#include "image/codec.h"
#include "image/jpeg_errors.h"

#include "base/error.h"

#include <fmt/format.h>

#include <cstdlib>

namespace strata {
namespace {

class JpegWriter {
 public:
  JpegWriter() { errors_.attach(info_); }
  ~JpegWriter() { std::free(buffer_); }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::vector<std::byte> encode(const Image& image, int quality) {
    const bool done = returns_normally(errors_.trouble(), [&] {
      jpeg_create_compress(&info_);
      jpeg_mem_dest(&info_, &buffer_, &size_);
      info_.image_height = static_cast<JDIMENSION>(image.height);
      info_.image_width = static_cast<JDIMENSION>(image.width);
      info_.input_components = image.channels;
      info_.in_color_space = image.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
      jpeg_set_defaults(&info_);
      jpeg_set_quality(&info_, quality, TRUE);
      jpeg_start_compress(&info_, TRUE);
      while (info_.next_scanline < info_.image_height) {
        JSAMPROW row = const_cast<JSAMPROW>(image.row(static_cast<int>(info_.next_scanline)));  // libjpeg reads it only
        jpeg_write_scanlines(&info_, &row, 1);
      }
      jpeg_finish_compress(&info_);
    });
    if (!done)
      throw InternalError(
          fmt::format("libjpeg could not encode {}x{} px: {}", image.width, image.height, errors_.trouble().text.data()));
    const auto* bytes = reinterpret_cast<const std::byte*>(buffer_);
    return {bytes, bytes + size_};
  }

 private:
  JpegErrors errors_;
  JpegCompressor info_;
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;  // NOLINT: libjpeg's type
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  if (image.channels != 1 && image.channels != 3) {
    throw InternalError(fmt::format("cannot encode a JPEG of {} channels: 1 or 3 are wanted", image.channels));
  }
  return JpegWriter().encode(image, quality);
}

}  // namespace strata
