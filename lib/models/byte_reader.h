#pragma once
// Little-endian numbers and texts from front to end of a byte string.

#include "base/error.h"

#include <fmt/format.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace strata {

static_assert(std::endian::native == std::endian::little, "numbers are taken as they lie in memory");

// Whatever asks for more than there is throws FormatError: "WHAT ends in the middle (at byte N)".
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number> Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  // Valid as long as the bytes are.
  std::string_view text(uint64_t length) {
    const auto taken = take(length);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  size_t position() const { return position_; }
  size_t left() const { return bytes_.size() - position_; }

 private:
  std::span<const std::byte> take(uint64_t length) {
    if (length > left()) throw FormatError(fmt::format("{} ends in the middle (at byte {})", what_, bytes_.size()));
    const auto taken = bytes_.subspan(position_, static_cast<size_t>(length));
    position_ += taken.size();
    return taken;
  }

  std::span<const std::byte> bytes_;
  std::string what_;
  size_t position_ = 0;
};

}  // namespace strata
