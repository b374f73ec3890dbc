#pragma once
// Small pieces of a self-contained page.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace strata {

// For text and for attribute values in double quotes: & < > " '.
std::string escape_html(std::string_view text);

// "data:image/png;base64,..."
std::string data_uri(std::string_view media_type, std::span<const std::byte> bytes);

}  // namespace strata
