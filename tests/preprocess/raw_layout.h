#pragma once
// Small raw datasets, drawn by rule: noisy frames, labels in stripes.

#include "image/image.h"

#include <filesystem>

namespace strata::testing {

struct RawOptions {
  int train = 6, val = 3;        // frames
  int height = 96, width = 160;  // px
};

Image raw_frame(int number, int height, int width);
// Stripes of the raw ids 0 .. ids-1.
Image raw_labels(int number, int ids, int height, int width);

void write_png(const std::filesystem::path& file, const Image& image);

// train/aachen, train/bochum, val/lindau; as the archives unpack into folders of their own, or all into one.
enum class Unpacked { kEachArchive, kTogether };
void write_cityscapes_like(const std::filesystem::path& directory, const RawOptions& options,
                           Unpacked unpacked = Unpacked::kTogether);
// train/ trainannot/ val/ valannot/, frames f_000.png, f_001.png, ...
void write_camvid_like(const std::filesystem::path& directory, const RawOptions& options);

}  // namespace strata::testing
