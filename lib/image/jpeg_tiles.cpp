#include "image/jpeg_tiles.h"

#include "base/error.h"
#include "image/jpeg_errors.h"
#include "image/jpeg_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace strata {
namespace {

constexpr int kLeastMargin = 16;  // px

// Memory that libjpeg allocates and grows.
struct JpegBuffer {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT: libjpeg's type
  JpegBuffer() = default;
  JpegBuffer(const JpegBuffer&) = delete;
  JpegBuffer& operator=(const JpegBuffer&) = delete;
  ~JpegBuffer() { std::free(bytes); }
};

int round_up(int value, int step) { return (value + step - 1) / step * step; }

// The coefficients of a whole picture, and tiles made of them.
class Coefficients {
 public:
  Coefficients(std::span<const std::byte> coded, const std::string& name) : name_(name) {
    errors_.attach(source_);
    run([&] {
      jpeg_create_decompress(&source_);
      limit_jpeg_scans(source_, progress_);
      jpeg_mem_src(&source_, reinterpret_cast<const unsigned char*>(coded.data()), coded.size());
      jpeg_read_header(&source_, TRUE);
    });
    require_sensible_size(name_, source_.image_height, source_.image_width);
    run([&] { arrays_ = jpeg_read_coefficients(&source_); });
  }

  int height() const { return static_cast<int>(source_.image_height); }
  int width() const { return static_cast<int>(source_.image_width); }
  int mcu_height() const { return source_.max_v_samp_factor * DCTSIZE; }
  int mcu_width() const { return source_.max_h_samp_factor * DCTSIZE; }

  std::vector<std::byte> tile(const Window& picture) {
    JpegBuffer buffer;
    JpegCompressor target;
    errors_.attach(target);
    run([&] {
      jpeg_create_compress(&target);
      jpeg_mem_dest(&target, &buffer.bytes, &buffer.size);
      jpeg_copy_critical_parameters(&source_, &target);
      target.image_height = static_cast<JDIMENSION>(picture.height);
      target.image_width = static_cast<JDIMENSION>(picture.width);
      target.optimize_coding = TRUE;
      jvirt_barray_ptr arrays[MAX_COMPONENTS] = {};
      for (int c = 0; c < target.num_components; ++c) arrays[c] = request(target, c);
      jpeg_write_coefficients(&target, arrays);
      for (int c = 0; c < target.num_components; ++c) copy(target, c, arrays[c], picture);
      jpeg_finish_compress(&target);
    });
    const auto* bytes = reinterpret_cast<const std::byte*>(buffer.bytes);
    return {bytes, bytes + buffer.size};
  }

 private:
  template <typename Calls>
  void run(const Calls& calls) {
    const bool done = returns_normally(errors_.trouble(), calls);
    if (!done || errors_.trouble().any()) throw_damaged(name_, "JPEG", errors_.trouble());
  }

  // Blocks of one component of a tile, whole MCUs.
  jvirt_barray_ptr request(jpeg_compress_struct& target, int c) const {
    const jpeg_component_info& component = target.comp_info[c];
    const int mcus_across = round_up(static_cast<int>(target.image_width), mcu_width()) / mcu_width();
    const int mcus_down = round_up(static_cast<int>(target.image_height), mcu_height()) / mcu_height();
    return target.mem->request_virt_barray(reinterpret_cast<j_common_ptr>(&target), JPOOL_IMAGE, TRUE,
                                           static_cast<JDIMENSION>(mcus_across * component.h_samp_factor),
                                           static_cast<JDIMENSION>(mcus_down * component.v_samp_factor),
                                           static_cast<JDIMENSION>(component.v_samp_factor));
  }

  void copy(jpeg_compress_struct& target, int c, jvirt_barray_ptr array, const Window& picture) {
    const jpeg_component_info& to = target.comp_info[c];
    const jpeg_component_info& from = source_.comp_info[c];
    const auto first_row = static_cast<JDIMENSION>(picture.y / mcu_height() * from.v_samp_factor);
    const auto first_column = static_cast<JDIMENSION>(picture.x / mcu_width() * from.h_samp_factor);
    const JDIMENSION columns = std::min(to.width_in_blocks, from.width_in_blocks - first_column);
    const JDIMENSION rows = std::min(to.height_in_blocks, from.height_in_blocks - first_row);
    for (JDIMENSION row = 0; row < rows; ++row) {
      JBLOCKARRAY target_row = target.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&target), array, row, 1, TRUE);
      JBLOCKARRAY source_row =
          source_.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&source_), arrays_[c], first_row + row, 1, FALSE);
      std::copy_n(&source_row[0][first_column][0], size_t{columns} * DCTSIZE2, &target_row[0][0][0]);
    }
  }

  std::string name_;
  JpegErrors errors_;
  jpeg_progress_mgr progress_{};
  JpegDecompressor source_;
  jvirt_barray_ptr* arrays_ = nullptr;
};

// First pixel and length of a picture that owns [begin, begin + size) of an axis.
struct Reach {
  int begin = 0, size = 0;
};
Reach with_margin(int begin, int size, int length, int mcu) {
  const int margin = round_up(kLeastMargin, mcu);
  const int first = std::max(0, begin - margin), last = std::min(length, begin + size + margin);
  return {first, last - first};
}

}  // namespace

std::vector<JpegTile> cut_jpeg(std::span<const std::byte> coded, int side, const std::string& name) {
  const ImageHeader header = read_jpeg_header(coded, name);
  if (header.channels != 1 && header.channels != 3) return {};
  Coefficients coefficients(coded, name);
  if (side % coefficients.mcu_height() != 0 || side % coefficients.mcu_width() != 0) return {};
  std::vector<JpegTile> tiles;
  for (int y = 0; y < coefficients.height(); y += side) {
    for (int x = 0; x < coefficients.width(); x += side) {
      JpegTile tile;
      tile.owned = {y, x, std::min(side, coefficients.height() - y), std::min(side, coefficients.width() - x)};
      const Reach down = with_margin(y, tile.owned.height, coefficients.height(), coefficients.mcu_height());
      const Reach across = with_margin(x, tile.owned.width, coefficients.width(), coefficients.mcu_width());
      tile.picture = {down.begin, across.begin, down.size, across.size};
      tile.coded = coefficients.tile(tile.picture);
      tiles.push_back(std::move(tile));
    }
  }
  return tiles;
}

}  // namespace strata
