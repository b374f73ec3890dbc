#include "image/codec_trouble.h"
#include "image/exif.h"
#include "image/jpeg_file.h"

#include "base/error.h"
#include "base/log.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdio>
// jpeglib.h wants FILE and size_t declared before it.
#include <jpeglib.h>

namespace strata {
namespace {

constexpr int kMostScans = 500;  // a progressive file of a few KiB can ask for thousands of passes over all its pixels
constexpr int kExifMarker = JPEG_APP0 + 1;

struct JpegHandle : jpeg_decompress_struct {
  JpegHandle() : jpeg_decompress_struct{} {}
  ~JpegHandle() { jpeg_destroy_decompress(this); }  // does nothing before jpeg_create_decompress
};

// Reads one file. libjpeg calls damage it can decode around a warning; here it is an error.
class JpegReader {
 public:
  // Reads up to the first scan.
  JpegReader(std::span<const std::byte> coded, const std::string& name) : name_(name) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    info_.client_data = &trouble_;
    const bool done = returns_normally(trouble_, [&] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      progress_.progress_monitor = on_progress;
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(coded.data()), coded.size());
      jpeg_save_markers(&info_, kExifMarker, 0xFFFF);
      jpeg_read_header(&info_, TRUE);
    });
    if (!done || trouble_.any()) fail();
    require_sensible_size(name_, info_.image_height, info_.image_width);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  ImageHeader header() const {
    ImageHeader header{.codec = Codec::kJpeg,
                       .height = static_cast<int>(info_.image_height),
                       .width = static_cast<int>(info_.image_width),
                       .channels = info_.num_components,
                       .bit_depth = info_.data_precision};
    for (auto marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      if (marker->marker == kExifMarker) {
        header.exif_orientation = exif_orientation({reinterpret_cast<const std::byte*>(marker->data), marker->data_length});
      }
    }
    return header;
  }

  Image decode() {
    Image image(static_cast<int>(info_.image_height), static_cast<int>(info_.image_width), 3);
    const bool done = returns_normally(trouble_, [&] {
      info_.out_color_space = JCS_RGB;  // everything else stays at the library's defaults, which are Pillow's
      jpeg_start_decompress(&info_);
      while (info_.output_scanline < info_.output_height) {
        JSAMPROW row = image.row(static_cast<int>(info_.output_scanline));
        jpeg_read_scanlines(&info_, &row, 1);
      }
      jpeg_finish_decompress(&info_);
    });
    if (!done || trouble_.any()) fail();
    return image;
  }

 private:
  [[noreturn]] void fail() const { throw_damaged(name_, "JPEG", trouble_); }

  static CodecTrouble& trouble_of(j_common_ptr info) { return *static_cast<CodecTrouble*>(info->client_data); }
  static void note_message(j_common_ptr info) {
    std::array<char, JMSG_LENGTH_MAX> text{};
    info->err->format_message(info, text.data());
    trouble_of(info).note(text.data());
  }
  [[noreturn]] static void on_error(j_common_ptr info) {
    note_message(info);
    std::longjmp(trouble_of(info).jump, 1);
  }
  static void on_message(j_common_ptr info, int level) {
    if (level < 0) note_message(info);
  }
  static void on_progress(j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
    trouble_of(info).note("more than 500 scans");
    std::longjmp(trouble_of(info).jump, 1);
  }

  std::string name_;
  CodecTrouble trouble_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  JpegHandle info_;
};

void require_readable(const ImageHeader& header, const std::string& name) {
  if (header.channels == 4) {
    throw DataError(
        fmt::format("{}: a CMYK JPEG, whose colours mean nothing without the printer's profile; convert it to RGB", name));
  }
  if (header.channels != 1 && header.channels != 3) {
    throw DataError(fmt::format("{}: a JPEG of {} components; grey (1) and colour (3) can be read", name, header.channels));
  }
}

void warn_once_of_rotation(const ImageHeader& header, const std::string& name) {
  static std::atomic<bool> warned = false;
  if (header.exif_orientation == 1 || warned.exchange(true)) return;
  log_warning(
      "{}: its EXIF note asks viewers to rotate it (orientation {}); frames are used as stored, as labels are drawn on them. Not "
      "said again.",
      name, header.exif_orientation);
}

}  // namespace

ImageHeader read_jpeg_header(std::span<const std::byte> coded, const std::string& name) {
  return JpegReader(coded, name).header();
}

Image decode_jpeg(std::span<const std::byte> coded, const std::string& name) {
  JpegReader reader(coded, name);
  const ImageHeader header = reader.header();
  require_readable(header, name);
  warn_once_of_rotation(header, name);
  return reader.decode();
}

}  // namespace strata
