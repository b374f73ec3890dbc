#pragma once
// What a dataset directory holds, for people.

#include <filesystem>
#include <string>

namespace strata {

// Layout, options, id; per split samples, files, bytes, frame sizes, centroids, what was skipped; per class and split pixels,
// their share as a number and as a bar, images that hold it. Opens every shard's index. Throws as Dataset.
std::string dataset_report(const std::filesystem::path& directory);

}  // namespace strata
