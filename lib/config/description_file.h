#pragma once
// A dataset described by an INI file (docs/datasets.md has the sections).

#include "preprocess/dataset_description.h"

#include <filesystem>

namespace strata {

// ConfigError naming file and line for anything that is no description; MissingInput.
DatasetDescription read_dataset_description(const std::filesystem::path& file);

}  // namespace strata
