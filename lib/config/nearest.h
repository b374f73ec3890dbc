#pragma once
// "Did you mean ...?"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// Fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string
// alignment).
size_t edit_distance(std::string_view a, std::string_view b);

// The known key that was probably meant: whole ("optimizer.lrr"), or by its last part ("lr"). Nothing where none is near.
std::optional<std::string> nearest_key(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace strata
