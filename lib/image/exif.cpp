#include "image/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace strata {
namespace {

constexpr size_t kPreamble = 6;         // "Exif\0\0"
constexpr size_t kDirectoryEntry = 12;  // tag, type, count, value
constexpr uint16_t kOrientationTag = 0x0112;

// Numbers of a TIFF structure in its own byte order; 0 beyond its end.
class TiffBytes {
 public:
  explicit TiffBytes(std::span<const std::byte> bytes) : bytes_(bytes) {
    big_endian_ = bytes.size() > 1 && bytes[0] == std::byte{'M'} && bytes[1] == std::byte{'M'};
  }
  uint32_t number(size_t at, size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      value = value << 8 | std::to_integer<uint32_t>(bytes_[at + (big_endian_ ? i : width - 1 - i)]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_;
};

}  // namespace

int exif_orientation(std::span<const std::byte> segment) {
  if (segment.size() < kPreamble || std::memcmp(segment.data(), "Exif\0\0", kPreamble) != 0) return 1;
  const TiffBytes tiff(segment.subspan(kPreamble));
  const size_t directory = tiff.number(4, 4);
  const size_t entries = tiff.number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kDirectoryEntry;
    if (tiff.number(entry, 2) != kOrientationTag) continue;
    const uint32_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace strata
