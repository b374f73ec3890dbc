#include "base/error.h"
#include "models/segmentation_model.h"

#include <array>
#include <utility>

namespace strata {

namespace {
constexpr std::array<std::pair<Width, const char*>, 5> kWidths = {{{Width::kW16Tiny, "w16-tiny"},
                                                                   {Width::kW18Small, "w18-small"},
                                                                   {Width::kW18, "w18"},
                                                                   {Width::kW32, "w32"},
                                                                   {Width::kW48, "w48"}}};
}  // namespace

Width parse_width(const std::string& name) {
  std::string known;
  for (const auto& [width, its_name] : kWidths) {
    if (name == its_name) return width;
    known += (known.empty() ? "" : ", ") + std::string(its_name);
  }
  throw ConfigError("unknown width '" + name + "' of the network; known: " + known);
}

std::string width_name(Width width) {
  for (const auto& [known, name] : kWidths) {
    if (width == known) return name;
  }
  throw InternalError("a width without a name");
}

}  // namespace strata
