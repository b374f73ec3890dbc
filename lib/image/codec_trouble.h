#pragma once
// What libpng and libjpeg have in common: they report an error through a callback that must not return, so it jumps out of the
// library. Inside the image layer only.

#include "image/codec.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>

namespace strata {

// The first complaint of one decoder or encoder, and the place to jump back to.
struct CodecTrouble {
  std::jmp_buf jump;
  std::array<char, 256> text{};

  bool any() const { return text[0] != '\0'; }
  void note(const char* message) {
    if (!any()) std::snprintf(text.data(), text.size(), "%s", message);
  }
};

// Runs `calls` and returns true; false where the library jumped out of them. Between here and the library nothing may own memory:
// destructors are jumped over.
template <typename Calls>
bool returns_normally(CodecTrouble& trouble, const Calls& calls) {
  if (setjmp(trouble.jump) != 0) return false;
  calls();
  return true;
}

// DataError: the file is damaged.
[[noreturn]] void throw_damaged(const std::string& name, const std::string& kind, const CodecTrouble& trouble);
// DataError where a picture of height x width px does not hold the placement's part, or is smaller than it should be.
void require_part(const std::string& name, const Placement& placement, int height, int width);
// Row `y` of the picture, which lies in the placement's part, is put where it belongs. In the image layer's decoders.
inline void copy_part_of_row(const uint8_t* row, const Placement& placement, int y, Image& target) {
  const size_t channels = static_cast<size_t>(target.channels);
  std::memcpy(target.row(placement.y + y - placement.part.y) + static_cast<size_t>(placement.x) * channels,
              row + static_cast<size_t>(placement.part.x) * channels, static_cast<size_t>(placement.part.width) * channels);
}
// DataError where the header announces more than kMaxPixels or nothing.
void require_sensible_size(const std::string& name, uint64_t height, uint64_t width);

}  // namespace strata
