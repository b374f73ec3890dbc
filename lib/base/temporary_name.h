#pragma once
// Names of files that are not finished: "metrics.json.tmp-0123456789abcdef" becomes metrics.json. One that stays was left by a
// process that was killed.

#include <filesystem>
#include <string>

namespace strata {

// Ends the name; no two processes get the same, also where the clock and process ids repeat (containers).
std::string temporary_suffix();

bool is_temporary(const std::filesystem::path& file);

}  // namespace strata
