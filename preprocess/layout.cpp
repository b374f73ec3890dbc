#include "preprocess/layout.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"

#include <fmt/format.h>

namespace strata {

Image Layout::read_labels(const SourceSample& sample) const {
  return decode_labels(read_file(sample.labels), sample.labels.string());
}

std::unique_ptr<Layout> make_layout(const LayoutOptions& options) {
  if (options.description) return make_described_layout(options);
  if (options.dataset == "cityscapes") return make_cityscapes_layout(options);
  if (options.dataset == "mapillary" || options.dataset == "mapillary-v2") return make_mapillary_layout(options);
  if (options.dataset == "camvid") return make_camvid_layout(options);
  if (options.dataset == "folder") return make_folder_layout(options);
  throw ConfigError(
      fmt::format("--dataset {} is not known; there are cityscapes, mapillary, mapillary-v2, camvid, folder, and FILE.ini that "
                  "describes any other",
                  options.dataset));
}

}  // namespace strata
