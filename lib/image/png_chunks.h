#pragma once
// How a PNG file is built: a signature, then chunks of length, type, data and checksum (PNG specification, section 5). Inside the
// image layer only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace strata {

inline constexpr std::array<uint8_t, 8> kPngSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

struct PngChunk {
  std::string_view type;  // four letters
  std::span<const std::byte> data;
};

// All chunks of a file whose checksums fit and behind whose last chunk nothing stands; nothing otherwise.
std::optional<std::vector<PngChunk>> read_png_chunks(std::span<const std::byte> coded);

void append_png_chunk(std::string_view type, std::span<const std::byte> data, std::vector<std::byte>& coded);

// Numbers are stored with their highest byte first.
uint32_t png_number(std::span<const std::byte> bytes);
void append_png_number(uint32_t number, std::vector<std::byte>& bytes);

}  // namespace strata
