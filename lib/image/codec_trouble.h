#pragma once
// What libpng and libjpeg have in common: they report an error through a callback that must not return, so it jumps out of the
// library. Inside the image layer only.

#include "image/image.h"

#include <array>
#include <csetjmp>
#include <cstdio>
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
// DataError where the header announces more than kMaxPixels or nothing.
void require_sensible_size(const std::string& name, uint64_t height, uint64_t width);

}  // namespace strata
