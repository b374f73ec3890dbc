#include "preprocess/imported_centroids.h"

#include "base/error.h"
#include "base/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace strata {

using Json = nlohmann::json;

ImportedCentroids::ImportedCentroids(const fs::path& file, const LabelSet& labels) : file_(file) {
  const auto fail = [&](const std::string& what) { throw DataError(fmt::format("--centroids {}: {}", file.string(), what)); };
  try {
    const Json json = Json::parse(read_text_file(file));
    for (const auto& [key, entries] : json.items()) {
      for (const Json& entry : entries) {
        const auto path = entry.at(0).get<std::string>();
        const Json& at = entry.at(2);
        const auto id = entry.at(3).get<int64_t>();
        if (std::to_string(id) != key) fail(fmt::format("a centroid of class {} is listed below class {}", id, key));
        if (id < 0 || id >= labels.num_classes())
          fail(fmt::format("class {} is not one of the {} of '{}'; is it of another dataset?", id, labels.num_classes(),
                           labels.name));
        Listed& listed = by_image_[fs::path(path).filename().string()];
        if (listed.path.empty()) listed.path = path;
        if (listed.path != path)
          fail(fmt::format("{} and {} have one file name: which image is meant cannot be told", listed.path, path));
        listed.centroids.push_back({static_cast<uint16_t>(id), at.at(0).get<uint32_t>(), at.at(1).get<uint32_t>()});
      }
    }
  } catch (const Json::exception& error) {
    fail(fmt::format("it is no file of centroids as the reference implementation writes them: {}", error.what()));
  }
  if (by_image_.empty()) fail("it lists no centroid");
}

std::vector<Centroid> ImportedCentroids::of(const fs::path& image, uint32_t height, uint32_t width) const {
  const auto found = by_image_.find(image.filename().string());
  if (found == by_image_.end()) return {};
  for (const Centroid& c : found->second.centroids) {
    if (c.x < width && c.y < height) continue;
    throw DataError(fmt::format("--centroids {}: x {}, y {} of class {} lies outside {} of {}x{} px: it is of another dataset",
                                file_.string(), c.x, c.y, c.class_id, image.string(), width, height));
  }
  return found->second.centroids;
}

}  // namespace strata
