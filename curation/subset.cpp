#include "curation/subset.h"

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "curation/stratified_choice.h"
#include "data/dataset.h"
#include "data/shard_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace strata {

namespace {

size_t wanted_samples(const SubsetOptions& options, size_t all) {
  if ((options.share > 0) == (options.count > 0)) throw ConfigError("a subset wants --share or --count, one of both");
  if (!(options.share >= 0 && options.share <= 1))
    throw ConfigError(fmt::format("--share {} is not within 0 and 1", options.share));
  const auto count =
      options.count > 0 ? options.count : static_cast<uint64_t>(std::llround(options.share * static_cast<double>(all)));
  if (count < 1 || count > all)
    throw ConfigError(fmt::format("{} of the {} samples of split '{}' cannot be chosen", count, all, options.split));
  return count;
}

std::vector<std::vector<uint16_t>> classes_of(const Dataset& dataset) {
  std::vector<std::vector<uint16_t>> classes(dataset.size());
  for (size_t i = 0; i < dataset.size(); ++i) {
    const std::vector<uint64_t>& pixels = dataset.sample(i).class_pixels;
    for (size_t c = 0; c < pixels.size(); ++c) {
      if (pixels[c] > 0) classes[i].push_back(static_cast<uint16_t>(c));
    }
  }
  return classes;
}

uint64_t bytes_of(const Sample& sample) {
  uint64_t sum = 0;
  for (const Tile& tile : sample.tiles) sum += tile.bytes;
  return sum;
}

// The chosen samples in new shards, and what the manifest says of them.
SplitEntry write_shards(const Dataset& dataset, const std::vector<size_t>& chosen, const SubsetOptions& options) {
  const size_t classes = dataset.labels().classes.size();
  SplitEntry entry;
  entry.class_pixels.assign(classes, 0);
  entry.class_images.assign(classes, 0);
  entry.labelled = dataset.manifest().splits.at(options.split).labelled;
  Progress progress({"subset", "samples", chosen.size()});
  std::optional<ShardWriter> writer;
  uint64_t bytes = 0, done = 0;
  const auto finish = [&] {
    entry.shards.push_back(writer->finish());
    writer.reset();
  };
  for (const size_t index : chosen) {
    const Sample& sample = dataset.sample(index);
    if (writer && bytes + bytes_of(sample) > dataset.manifest().shard_size_bytes) finish();
    if (!writer) {
      const std::string file = fmt::format("{}-{:05}.h5", options.split, entry.shards.size());
      writer.emplace(options.output / file, static_cast<int>(classes));
      bytes = 0;
    }
    std::vector<std::byte> coded;
    for (const Tile& tile : sample.tiles) {
      const std::vector<std::byte> part = dataset.read_tile(index, tile);
      coded.insert(coded.end(), part.begin(), part.end());
    }
    writer->add(sample, coded);
    bytes += coded.size();
    entry.ignored_pixels += sample.ignored_pixels;
    for (size_t c = 0; c < classes; ++c) {
      entry.class_pixels[c] += sample.class_pixels[c];
      entry.class_images[c] += sample.class_pixels[c] > 0;
    }
    progress.update(++done);
  }
  finish();
  progress.finish();
  return entry;
}

void copy_shards(const SplitEntry& split, const fs::path& from, const fs::path& to) {
  for (const ShardEntry& shard : split.shards) {
    std::error_code error;
    fs::copy_file(from / shard.file, to / shard.file, error);
    if (error) throw_errno(error.value(), "copy to", to / shard.file);
    sync_file(to / shard.file);
    if (sha256_of_file(to / shard.file) != shard.sha256)
      throw DataError(fmt::format("{} is not what the manifest says (SHA-256): look at it with strata-dataset verify",
                                  (from / shard.file).string()));
  }
}

}  // namespace

Subset make_subset(const SubsetOptions& options) {
  const Dataset dataset(options.data, options.split);
  const std::vector<size_t> chosen =
      choose_stratified(classes_of(dataset), wanted_samples(options, dataset.size()), options.seed);
  require_writable_directory(options.output);
  if (!fs::is_empty(options.output))
    throw CannotCreate(fmt::format("{} holds files already; choose a new directory", options.output.string()));
  Subset subset{dataset.manifest().splits.at(options.split), {}, dataset.manifest()};
  subset.after = write_shards(dataset, chosen, options);
  for (const auto& [name, split] : subset.manifest.splits) {
    if (name != options.split) copy_shards(split, options.data, options.output);
  }
  subset.manifest.splits[options.split] = subset.after;
  subset.manifest.layout_settings["subset"] =
      fmt::format("{} of {} samples of {}, seed {}, of dataset {}", chosen.size(), dataset.size(), options.split, options.seed,
                  dataset.manifest().dataset_id());
  write_manifest(subset.manifest, options.output);
  return subset;
}

std::string balance_text(const Subset& subset) {
  const auto total = [](const SplitEntry& split) {
    uint64_t sum = split.ignored_pixels;
    for (const uint64_t pixels : split.class_pixels) sum += pixels;
    return sum == 0 ? 1.0 : static_cast<double>(sum);
  };
  const double before = total(subset.before), after = total(subset.after);
  std::string text = fmt::format("{} of {} samples\n{:<28} {:>8} {:>8} {:>8}   {:>8} {:>8}\n", subset.after.samples(),
                                 subset.before.samples(), "", "images", "chosen", "share", "pixels %", "chosen %");
  for (size_t c = 0; c < subset.before.class_pixels.size(); ++c) {
    const uint64_t images = subset.before.class_images[c], kept = subset.after.class_images[c];
    text += fmt::format("{:>3} {:<24} {:>8} {:>8} {:>8}   {:>8.3f} {:>8.3f}\n", c, subset.manifest.labels.classes[c].name, images,
                        kept, images == 0 ? "-" : fmt::format("{:.3f}", static_cast<double>(kept) / static_cast<double>(images)),
                        100 * static_cast<double>(subset.before.class_pixels[c]) / before,
                        100 * static_cast<double>(subset.after.class_pixels[c]) / after);
  }
  return text;
}

}  // namespace strata
