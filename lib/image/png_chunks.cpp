#include "image/png_chunks.h"

#include <libdeflate.h>

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kNumber = 4, kType = 4;  // bytes

uint32_t checksum(std::span<const std::byte> type_and_data) {
  return libdeflate_crc32(0, type_and_data.data(), type_and_data.size());
}

}  // namespace

std::optional<std::vector<PngChunk>> read_png_chunks(std::span<const std::byte> coded) {
  const std::span<const std::byte> signature = std::as_bytes(std::span(kPngSignature));
  if (coded.size() < signature.size() || !std::equal(signature.begin(), signature.end(), coded.begin())) return std::nullopt;
  coded = coded.subspan(signature.size());
  std::vector<PngChunk> chunks;
  while (!coded.empty()) {
    if (coded.size() < kNumber + kType + kNumber) return std::nullopt;
    const uint32_t length = png_number(coded);
    if (length > coded.size() - (kNumber + kType + kNumber)) return std::nullopt;
    const auto type_and_data = coded.subspan(kNumber, kType + length);
    if (png_number(coded.subspan(kNumber + kType + length)) != checksum(type_and_data)) return std::nullopt;
    chunks.push_back({{reinterpret_cast<const char*>(type_and_data.data()), kType}, type_and_data.subspan(kType)});
    coded = coded.subspan(kNumber + kType + length + kNumber);
  }
  return chunks;
}

void append_png_chunk(std::string_view type, std::span<const std::byte> data, std::vector<std::byte>& coded) {
  append_png_number(static_cast<uint32_t>(data.size()), coded);
  const size_t begin = coded.size();
  const auto letters = std::as_bytes(std::span(type));
  coded.insert(coded.end(), letters.begin(), letters.end());
  coded.insert(coded.end(), data.begin(), data.end());
  append_png_number(checksum(std::span(coded).subspan(begin)), coded);
}

uint32_t png_number(std::span<const std::byte> bytes) {
  uint32_t number = 0;
  for (const std::byte byte : bytes.first(kNumber)) number = number << 8 | std::to_integer<uint32_t>(byte);
  return number;
}

void append_png_number(uint32_t number, std::vector<std::byte>& bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(number >> shift));
}

}  // namespace strata
