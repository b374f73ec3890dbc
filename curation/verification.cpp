#include "curation/verification.h"

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "data/manifest.h"
#include "data/sample_name.h"
#include "data/shard_reader.h"
#include "image/codec.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace strata {

namespace {

struct Counts {
  std::vector<uint64_t> class_pixels, class_images;
  uint64_t ignored_pixels = 0;

  explicit Counts(size_t classes) : class_pixels(classes), class_images(classes) {}
};

// Train ids by pixels of one label tile; DataError for an id that the set does not know.
void count(const Image& picture, const Tile& tile, const LabelSet& labels, Counts& counts) {
  for (uint32_t y = 0; y < tile.height; ++y) {
    const uint8_t* row = picture.row(static_cast<int>(y + tile.margin_y)) + tile.margin_x;
    for (uint32_t x = 0; x < tile.width; ++x) {
      if (!labels.known_raw[row[x]])
        throw DataError(fmt::format("label id {} at x {}, y {} is not in the label set", row[x], tile.x + x, tile.y + y));
      const uint8_t id = labels.raw_to_train[row[x]];
      ++(id < counts.class_pixels.size() ? counts.class_pixels[id] : counts.ignored_pixels);
    }
  }
}

void verify_sample(const ShardReader& shard, const Sample& sample, const LabelSet& labels) {
  if (const std::string fault = fault_of_name(sample.name); !fault.empty()) throw DataError("its name " + fault);
  Counts counts(sample.class_pixels.size());
  for (const Tile& tile : sample.tiles) {
    const std::string where =
        fmt::format("{} tile at x {}, y {}", tile.kind == TileKind::kFrame ? "frame" : "label", tile.x, tile.y);
    const std::vector<std::byte> coded = shard.read_tile(tile);
    const Image picture = tile.kind == TileKind::kFrame ? decode_frame(coded, where) : decode_labels(coded, where);
    if (static_cast<uint64_t>(picture.height) < uint64_t{tile.margin_y} + tile.height ||
        static_cast<uint64_t>(picture.width) < uint64_t{tile.margin_x} + tile.width)
      throw DataError(fmt::format("{}: {}x{} px are less than the index needs", where, picture.width, picture.height));
    if (tile.kind == TileKind::kLabels) count(picture, tile, labels, counts);
  }
  if (counts.class_pixels != sample.class_pixels || counts.ignored_pixels != sample.ignored_pixels)
    throw DataError("its pixels by class are not those of the index");
}

class Verifier {
 public:
  Verifier(const fs::path& directory, int threads)
      : directory_(directory), threads_(threads), manifest_(read_manifest(directory)) {}

  Verification run() {
    uint64_t all = 0;
    for (const auto& [name, split] : manifest_.splits) all += split.samples();
    progress_.emplace(ProgressOptions{"verify", "samples", all});
    for (const auto& [name, split] : manifest_.splits) verify_split(name, split);
    progress_->finish();
    return std::move(result_);
  }

 private:
  void verify_split(const std::string& name, const SplitEntry& split) {
    Counts counts(manifest_.labels.classes.size());
    std::set<std::string> names;
    const size_t problems_before = result_.problems.size();
    for (const ShardEntry& entry : split.shards) {
      ++result_.shards;
      try {
        verify_shard(entry, counts, names);
      } catch (const Error& error) {
        problem(entry.file, error.what());
      }
    }
    const bool sums_hold = counts.class_pixels == split.class_pixels && counts.class_images == split.class_images &&
                           counts.ignored_pixels == split.ignored_pixels;
    if (!sums_hold && result_.problems.size() == problems_before)
      problem(kManifestFile, fmt::format("its counts of split '{}' are not those of the samples", name));
  }

  void verify_shard(const ShardEntry& entry, Counts& counts, std::set<std::string>& names) {
    const fs::path file = directory_ / entry.file;
    std::error_code error;
    const uint64_t bytes = fs::file_size(file, error);
    if (error) return problem(entry.file, "it is not there; copy the dataset again");
    if (bytes != entry.bytes) problem(entry.file, fmt::format("{} bytes, the manifest says {}", bytes, entry.bytes));
    if (sha256_of_file(file) != entry.sha256)
      problem(entry.file, "its SHA-256 is not the manifest's: changed, or of another dataset; copy or convert it again");
    const ShardReader shard(file);
    if (shard.size() != entry.samples)
      problem(entry.file, fmt::format("{} samples, the manifest says {}", shard.size(), entry.samples));
    if (shard.size() > 0 && shard.sample(0).class_pixels.size() != counts.class_pixels.size())
      throw DataError(fmt::format("it counts {} classes, the manifest has {}", shard.sample(0).class_pixels.size(),
                                  counts.class_pixels.size()));
    if (!entry.index_sha256.empty() && shard.index_sha256() != entry.index_sha256)
      problem(entry.file, "its index's SHA-256 is not the manifest's");
    verify_samples(shard, entry.file);
    for (size_t i = 0; i < shard.size(); ++i) add(shard.sample(i), entry.file, counts, names);
  }

  void add(const Sample& sample, const std::string& file, Counts& counts, std::set<std::string>& names) {
    if (!names.insert(sample.name).second) problem(file, fmt::format("sample '{}' occurs twice in its split", sample.name));
    for (size_t c = 0; c < counts.class_pixels.size(); ++c) {
      counts.class_pixels[c] += sample.class_pixels[c];
      counts.class_images[c] += sample.class_pixels[c] > 0;
    }
    counts.ignored_pixels += sample.ignored_pixels;
  }

  // By all threads; problems in the samples' order.
  void verify_samples(const ShardReader& shard, const std::string& file) {
    std::vector<std::string> faults(shard.size());
    std::atomic<size_t> next = 0;
    std::mutex drawing;
    const auto work = [&] {
      for (size_t i = next++; i < shard.size(); i = next++) {
        try {
          verify_sample(shard, shard.sample(i), manifest_.labels);
        } catch (const Error& error) {
          faults[i] = error.what();
        }
        const std::scoped_lock lock(drawing);
        progress_->update(++result_.samples);
      }
    };
    std::vector<std::thread> threads;
    for (int t = 1; t < threads_; ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    for (size_t i = 0; i < faults.size(); ++i) {
      if (!faults[i].empty()) problem(file, fmt::format("sample {} '{}': {}", i, shard.sample(i).name, faults[i]));
    }
  }

  void problem(const std::string& file, const std::string& what) { result_.problems.push_back(file + ": " + what); }

  const fs::path directory_;
  const int threads_;
  const Manifest manifest_;
  std::optional<Progress> progress_;
  Verification result_;
};

}  // namespace

Verification verify_dataset(const fs::path& directory, int threads) { return Verifier(directory, threads).run(); }

}  // namespace strata
