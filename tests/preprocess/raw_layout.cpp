#include "preprocess/raw_layout.h"

#include "base/files.h"
#include "base/random.h"
#include "image/codec.h"

#include <fmt/format.h>

namespace strata::testing {

Image raw_frame(int number, int height, int width) {
  Image frame(height, width, 3);
  RandomStream noise(static_cast<uint64_t>(number) + 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c)
        frame.at(y, x, c) = static_cast<uint8_t>((x + y * (c + 1) + 10 * number) / 2 % 200 + static_cast<int>(noise() % 8));
    }
  }
  return frame;
}

Image raw_labels(int number, int ids, int height, int width) {
  Image labels(height, width, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) labels.at(y, x) = static_cast<uint8_t>((x / 9 + y / 20 + number) % ids);
  }
  return labels;
}

void write_png(const fs::path& file, const Image& image) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file, encode_png(image, 1));
}

void write_cityscapes_like(const fs::path& directory, const RawOptions& options, Unpacked unpacked) {
  constexpr int kRawIds = 34;
  const bool apart = unpacked == Unpacked::kEachArchive;
  const fs::path frames = apart ? directory / "leftImg8bit_trainvaltest/leftImg8bit" : directory / "leftImg8bit";
  const fs::path labels = apart ? directory / "gtFine_trainvaltest/gtFine" : directory / "gtFine";
  for (int i = 0; i < options.train + options.val; ++i) {
    const bool val = i >= options.train;
    const std::string city = val ? "lindau" : i % 2 == 0 ? "aachen" : "bochum";
    const fs::path stem = fs::path(val ? "val" : "train") / city / fmt::format("{}_{:06}_000019", city, i);
    write_png(frames / (stem.string() + "_leftImg8bit.png"), raw_frame(i, options.height, options.width));
    write_png(labels / (stem.string() + "_gtFine_labelIds.png"), raw_labels(i, kRawIds, options.height, options.width));
  }
}

void write_camvid_like(const fs::path& directory, const RawOptions& options) {
  constexpr int kRawIds = 12;
  for (int i = 0; i < options.train + options.val; ++i) {
    const std::string split = i < options.train ? "train" : "val", name = fmt::format("f_{:03}.png", i);
    write_png(directory / split / name, raw_frame(i, options.height, options.width));
    write_png(directory / (split + "annot") / name, raw_labels(i, kRawIds, options.height, options.width));
  }
}

}  // namespace strata::testing
