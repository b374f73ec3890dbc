#pragma once
// Text that a file of unknown origin gives us.

#include <string>
#include <string_view>

namespace strata {

bool is_utf8(std::string_view text);

// UTF-8 without control characters: what a tensor may be called.
bool is_plain_text(std::string_view text);

// For messages: quoted, everything but printable ASCII escaped, cut after 100 characters.
std::string printable(std::string_view text);

}  // namespace strata
