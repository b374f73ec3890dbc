#include "curation/dataset_report.h"

#include "base/files.h"
#include "data/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace strata {

namespace {

constexpr int kBarWidth = 30;  // characters
constexpr size_t kNamesListed = 5;

uint64_t bytes_of(const SplitEntry& split) {
  uint64_t sum = 0;
  for (const ShardEntry& shard : split.shards) sum += shard.bytes;
  return sum;
}

// Shares span orders of magnitude: a full bar is 100 %, each third less is a tenth.
std::string bar(double share) {
  constexpr double kDecades = 4;
  const double length = share <= 0 ? 0 : std::max(0.0, 1 + std::log10(share) / kDecades);
  const int filled = static_cast<int>(std::lround(length * kBarWidth));
  return std::string(static_cast<size_t>(filled), '#') + std::string(static_cast<size_t>(kBarWidth - filled), '.');
}

std::string sizes_text(const Dataset& dataset) {
  std::map<std::pair<uint32_t, uint32_t>, size_t> sizes;  // by pixels' rectangle: width, height
  for (size_t i = 0; i < dataset.size(); ++i) ++sizes[{dataset.sample(i).width, dataset.sample(i).height}];
  if (sizes.empty()) return "none";
  if (sizes.size() == 1) return fmt::format("all {}x{} px", sizes.begin()->first.first, sizes.begin()->first.second);
  const auto area = [](const auto& entry) { return uint64_t{entry.first.first} * entry.first.second; };
  const auto [least, most] =
      std::minmax_element(sizes.begin(), sizes.end(), [&](const auto& a, const auto& b) { return area(a) < area(b); });
  return fmt::format("{} sizes, {}x{} to {}x{} px", sizes.size(), least->first.first, least->first.second, most->first.first,
                     most->first.second);
}

std::string split_text(const fs::path& directory, const std::string& name, const SplitEntry& split) {
  const Dataset dataset(directory, name);
  size_t centroids = 0;
  for (size_t i = 0; i < dataset.size(); ++i) centroids += dataset.sample(i).centroids.size();
  std::string text =
      fmt::format("{}: {} images in {} shards, {}; {}; {} class centroids{}\n", name, split.samples(), split.shards.size(),
                  readable_bytes(bytes_of(split)), sizes_text(dataset), centroids, split.labelled ? "" : "; no labels");
  if (!split.skipped.empty()) {
    const auto shown = std::min(split.skipped.size(), kNamesListed);
    text += fmt::format("  left out as unreadable ({}): {}{}\n", split.skipped.size(),
                        fmt::join(split.skipped.begin(), split.skipped.begin() + static_cast<ptrdiff_t>(shown), ", "),
                        shown < split.skipped.size() ? ", ..." : "");
  }
  return text;
}

std::string classes_text(const LabelSet& labels, const std::string& name, const SplitEntry& split) {
  uint64_t all = split.ignored_pixels;
  for (const uint64_t pixels : split.class_pixels) all += pixels;
  const auto row = [&](const std::string& id, const std::string& class_name, uint64_t pixels, const std::string& images) {
    const double share = all == 0 ? 0 : static_cast<double>(pixels) / static_cast<double>(all);
    return fmt::format("{:>3} {:<24} {:>14} {:>8.3f} {} {:>7}\n", id, class_name, pixels, 100 * share, bar(share), images);
  };
  std::string text =
      fmt::format("\n{:<28} {:>14} {:>8} {:<{}} {:>7}\n", name, "pixels", "%", "0.01%        1%       100%", kBarWidth, "images");
  for (size_t c = 0; c < labels.classes.size(); ++c)
    text += row(std::to_string(c), labels.classes[c].name, split.class_pixels[c], std::to_string(split.class_images[c]));
  return text + row("", "(ignored)", split.ignored_pixels, "");
}

}  // namespace

std::string dataset_report(const fs::path& directory) {
  const Manifest manifest = read_manifest(directory);
  std::string text =
      fmt::format("{:<10} {}\n{:<10} {}, {} classes, ignore id {}\n{:<10} {}\n{:<10} {} px, rule {}\n", "dataset",
                  manifest.dataset, "labels", manifest.labels.name, manifest.labels.num_classes(), manifest.labels.ignore_id,
                  "id", manifest.dataset_id(), "tiles", manifest.tile_size, manifest.tile_rule);
  text += fmt::format("{:<10} {}\n", "keeps", manifest.keep == "original" ? "the original files' bytes" : "the pixels");
  for (const auto& [key, value] : manifest.layout_settings) text += fmt::format("{:<10} {}\n", key, value);
  text += "\n";
  for (const auto& [name, split] : manifest.splits) text += split_text(directory, name, split);
  for (const auto& [name, split] : manifest.splits) {
    if (split.labelled) text += classes_text(manifest.labels, name, split);
  }
  return text;
}

}  // namespace strata
