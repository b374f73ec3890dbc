#include "preprocess/summary.h"

#include "base/files.h"

#include <fmt/format.h>

namespace strata {

namespace {

std::string volume_row(const std::string& name, const SplitTotals& before, uint64_t images, uint64_t files, uint64_t bytes) {
  const double ratio = before.bytes == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(before.bytes);
  return fmt::format("{:<12} {:>8} {:>8} {:>10}   {:>8} {:>8} {:>10} {:>6.2f}\n", name, before.images, before.files,
                     readable_bytes(before.bytes), images, files, readable_bytes(bytes), ratio);
}

std::string volume_table(const std::vector<SplitTotals>& source, const Manifest& manifest) {
  std::string text = fmt::format("{:<12} {:>28}   {:>35}\n", "", "raw files", "shards");
  text += fmt::format("{:<12} {:>8} {:>8} {:>10}   {:>8} {:>8} {:>10} {:>6}\n", "split", "images", "files", "size", "images",
                      "files", "size", "ratio");
  SplitTotals all{"all", 0, 0, 0};
  uint64_t images = 0, files = 0, bytes = 0;
  for (const SplitTotals& before : source) {
    const SplitEntry& after = manifest.splits.at(before.split);
    uint64_t shard_bytes = 0;
    for (const ShardEntry& shard : after.shards) shard_bytes += shard.bytes;
    text += volume_row(before.split, before, after.samples(), after.shards.size(), shard_bytes);
    all.images += before.images;
    all.files += before.files;
    all.bytes += before.bytes;
    images += after.samples();
    files += after.shards.size();
    bytes += shard_bytes;
  }
  return text + volume_row("all", all, images, files, bytes);
}

std::string class_row(std::string_view id, std::string_view name, uint64_t pixels, uint64_t all_pixels,
                      const std::string& images) {
  const double share = all_pixels == 0 ? 0 : 100.0 * static_cast<double>(pixels) / static_cast<double>(all_pixels);
  return fmt::format("{:>3} {:<20} {:>16} {:>8.3f} {:>8}\n", id, name, pixels, share, images);
}

std::string class_table(const Manifest& manifest) {
  const size_t classes = manifest.labels.classes.size();
  std::vector<uint64_t> pixels(classes), images(classes);
  uint64_t ignored = 0, all_pixels = 0;
  for (const auto& [name, split] : manifest.splits) {
    ignored += split.ignored_pixels;
    all_pixels += split.ignored_pixels;
    for (size_t c = 0; c < classes; ++c) {
      pixels[c] += split.class_pixels[c];
      images[c] += split.class_images[c];
      all_pixels += split.class_pixels[c];
    }
  }
  std::string text = fmt::format("{:>3} {:<20} {:>16} {:>8} {:>8}\n", "id", "class", "pixels", "%", "images");
  for (size_t c = 0; c < classes; ++c) {
    text += class_row(std::to_string(c), manifest.labels.classes[c].name, pixels[c], all_pixels, std::to_string(images[c]));
  }
  return text + class_row("", "(ignored)", ignored, all_pixels, "");
}

}  // namespace

std::string summary_text(const std::vector<SplitTotals>& source, const Manifest& manifest) {
  return volume_table(source, manifest) + "\n" + class_table(manifest);
}

}  // namespace strata
