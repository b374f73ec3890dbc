#include "preprocess/layout.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {

std::unique_ptr<Layout> make_layout(const std::string& dataset) {
  if (dataset == "cityscapes") return make_cityscapes_layout();
  if (dataset == "camvid") return make_camvid_layout();
  throw ConfigError(fmt::format("--dataset {} is not known; this version converts cityscapes and camvid", dataset));
}

}  // namespace strata
