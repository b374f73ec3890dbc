#pragma once
// per_image.h5: the result of each image, for statistics over images.

#include "evaluation/evaluator.h"

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

// Datasets over images: names (fixed-length UTF-8), confusion (int64, images x C x C, rows = ground truth), loss (float64, per
// valid pixel), valid_pixels and pixels (int64). Written whole or not at all; the same content gives the same bytes. IoError,
// CannotCreate.
void write_per_image_file(const std::vector<ImageResult>& images, const std::vector<std::string>& names, int num_classes,
                          const std::filesystem::path& file);

}  // namespace strata
