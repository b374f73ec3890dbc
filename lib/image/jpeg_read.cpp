#include "image/exif.h"
#include "image/jpeg_errors.h"
#include "image/jpeg_file.h"

#include "base/error.h"
#include "base/log.h"

#include <fmt/format.h>

#include <atomic>

namespace strata {
namespace {

constexpr int kMostScans = 500;  // a progressive file of a few KiB can ask for thousands of passes over all its pixels
constexpr int kExifMarker = JPEG_APP0 + 1;

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  JpegErrors::trouble_of(info).note("more than 500 scans");
  std::longjmp(JpegErrors::trouble_of(info).jump, 1);
}

// Reads one file. libjpeg calls damage it can decode around a warning; here it is an error.
class JpegReader {
 public:
  // Reads up to the first scan.
  JpegReader(std::span<const std::byte> coded, const std::string& name) : name_(name) {
    errors_.attach(info_);
    const bool done = returns_normally(errors_.trouble(), [&] {
      jpeg_create_decompress(&info_);
      limit_jpeg_scans(info_, progress_);
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(coded.data()), coded.size());
      jpeg_save_markers(&info_, kExifMarker, 0xFFFF);
      jpeg_read_header(&info_, TRUE);
    });
    if (!done || errors_.trouble().any()) fail();
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

  // Rows above the part are decoded, those below it are not.
  void decode(const Placement& placement, Image& target) {
    const Window& part = placement.part;
    require_part(name_, placement, static_cast<int>(info_.image_height), static_cast<int>(info_.image_width));
    std::vector<JSAMPLE> row(3 * size_t{info_.image_width});
    JSAMPROW into = row.data();
    const bool done = returns_normally(errors_.trouble(), [&] {
      info_.out_color_space = JCS_RGB;  // everything else stays at the library's defaults, which are Pillow's
      jpeg_start_decompress(&info_);
      for (int y = 0; y < part.y + part.height; ++y) {
        jpeg_read_scanlines(&info_, &into, 1);
        if (y >= part.y) copy_part_of_row(into, placement, y, target);
      }
      if (info_.output_scanline == info_.output_height) jpeg_finish_decompress(&info_);
    });
    if (!done || errors_.trouble().any()) fail();
  }

 private:
  [[noreturn]] void fail() const { throw_damaged(name_, "JPEG", errors_.trouble()); }

  std::string name_;
  JpegErrors errors_;
  jpeg_progress_mgr progress_{};
  JpegDecompressor info_;
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

void limit_jpeg_scans(jpeg_decompress_struct& info, jpeg_progress_mgr& progress) {
  info.progress = &progress;
  progress.progress_monitor = on_progress;
}

ImageHeader read_jpeg_header(std::span<const std::byte> coded, const std::string& name) {
  return JpegReader(coded, name).header();
}

void decode_jpeg(std::span<const std::byte> coded, const std::string& name, const Placement& placement, Image& target) {
  JpegReader reader(coded, name);
  const ImageHeader header = reader.header();
  require_readable(header, name);
  warn_once_of_rotation(header, name);
  reader.decode(placement, target);
}

}  // namespace strata
