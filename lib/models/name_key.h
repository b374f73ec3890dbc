#pragma once
// A name as part of a random key.

#include <cstdint>
#include <string_view>

namespace strata {

// FNV-1a, 64 bits. Part of the bit-identity promise: initial weights and dropout masks hang on it.
constexpr uint64_t name_key(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace strata
