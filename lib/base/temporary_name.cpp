#include "base/temporary_name.h"

#include <fmt/format.h>

#include <random>
#include <string_view>

namespace strata {

namespace {
constexpr std::string_view kMark = ".tmp-";
}

std::string temporary_suffix() {
  std::random_device device;
  return fmt::format("{}{:08x}{:08x}", kMark, device(), device());
}

bool is_temporary(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const size_t mark = name.rfind(kMark);
  return mark != std::string::npos && name.find_first_not_of("0123456789abcdef", mark + kMark.size()) == std::string::npos;
}

}  // namespace strata
