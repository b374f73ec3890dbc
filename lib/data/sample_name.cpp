#include "data/sample_name.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace strata {

// JSON's own check knows UTF-8.
bool is_printable_name(const std::string& name) {
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return false;
  try {
    return !nlohmann::json(name).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string fault_of_name(const std::string& name) {
  if (name.empty()) return "is empty";
  if (!is_printable_name(name)) return "is not printable UTF-8";
  if (name.front() == '/') return "is absolute";
  for (const std::filesystem::path& part : std::filesystem::path(name)) {
    if (part == "..") return "leads out of its folder by '..'";
  }
  return "";
}

}  // namespace strata
