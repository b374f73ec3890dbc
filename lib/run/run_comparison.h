#pragma once
// Two runs side by side on one page: what differs in their settings, where their numbers part, which is better and faster.

#include <filesystem>
#include <string>

namespace strata {

// Text of many lines, from files alone. MissingInput where one of the directories is no run.
std::string run_comparison_text(const std::filesystem::path& first, const std::filesystem::path& second);

}  // namespace strata
