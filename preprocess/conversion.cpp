#include "preprocess/conversion.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "comm/agreement.h"
#include "preprocess/output_directory.h"
#include "preprocess/shard_conversion.h"
#include "preprocess/workload.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace strata {

namespace {

constexpr std::string_view kSplitCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
constexpr uint64_t kForecastImages = 100;   // that a dry run codes
constexpr size_t kEncodedAhead = 4;         // samples of a rank among several, so that slow samples and slow writes average out
constexpr double kStopSeconds = 5;          // what it takes to drop a shard and end
constexpr double kStoredPerOriginal = 1.1;  // shard bytes over original bytes, for the look at free space beforehand

void require_valid(const ConversionOptions& options) {
  const auto require = [](bool valid, const std::string& sentence) {
    if (!valid) throw ConfigError(sentence);
  };
  require(!options.dataset.empty(), "--dataset is missing: cityscapes, mapillary, camvid, folder, or FILE.ini");
  require(!options.input.empty(), "--input is missing: the directory of the raw dataset");
  require(!options.output.empty() || options.dry_run, "--output is missing: the dataset directory to make");
  const std::set<std::string> distinct(options.splits.begin(), options.splits.end());
  require(distinct.size() == options.splits.size(), "--splits names a split twice");
  require(options.tile_size >= 1 && options.tile_size <= 1 << 20,
          fmt::format("--tile-size {} is not within 1 and 1048576 px", options.tile_size));
  require(options.shard_size_bytes >= 1024,
          fmt::format("--shard-size of {} bytes is too small: at least 1 KiB", options.shard_size_bytes));
  require(options.max_bad >= 0, fmt::format("--max-bad {} is negative", options.max_bad));
  for (const std::string& split : options.splits) {
    require(!split.empty() && split.find_first_not_of(kSplitCharacters) == std::string::npos,
            fmt::format("--splits: '{}' must be letters, digits, '_' and '-', as files are named after it", split));
  }
  parse_tile_rule(options.tile_rule);
  parse_keep(options.keep);
}

// Beside the directory, not in it: times, hosts and paths must not make two datasets differ.
fs::path beside(const fs::path& output, const char* ending) {
  const std::string name = output.lexically_normal().string();
  return name.substr(0, name.find_last_not_of('/') + 1) + ending;
}

std::vector<SourceSplit> list_source_once(const Layout& layout, const ConversionOptions& options, const Communicator& comm) {
  std::string text;
  on_root(comm, [&] { text = to_text(list_source(layout, options)); });
  return source_from_text(comm.broadcast(text));
}

Manifest manifest_without_shards(const Plan& plan, const Layout& layout, const ConversionOptions& options) {
  const LabelSet& labels = layout.labels();
  Manifest manifest;
  manifest.dataset = options.dataset;
  manifest.labels = labels;
  manifest.tile_size = options.tile_size;
  manifest.tile_rule = options.tile_rule;
  manifest.shard_size_bytes = options.shard_size_bytes;
  manifest.keep = options.keep;
  manifest.layout_settings = layout.settings();
  if (!options.centroids.empty()) manifest.layout_settings["centroids_sha256"] = sha256_of_file(options.centroids);
  manifest.source_sha256 = plan.source_sha256;
  for (const SplitTotals& split : plan.totals) {
    SplitEntry& entry = manifest.splits[split.split];
    entry.class_pixels.assign(labels.classes.size(), 0);
    entry.class_images.assign(labels.classes.size(), 0);
    entry.labelled = split.labelled;
  }
  return manifest;
}

void add_to(SplitEntry& split, const SplitEntry& shard) {
  split.shards.insert(split.shards.end(), shard.shards.begin(), shard.shards.end());
  split.skipped.insert(split.skipped.end(), shard.skipped.begin(), shard.skipped.end());
  split.ignored_pixels += shard.ignored_pixels;
  for (size_t c = 0; c < split.class_pixels.size(); ++c) {
    split.class_pixels[c] += shard.class_pixels[c];
    split.class_images[c] += shard.class_images[c];
  }
}

// One call of convert(): what is known on the way.
class Conversion {
 public:
  Conversion(const ConversionOptions& options, const Layout& layout, const Communicator& comm, const StopConditions& stop)
      : options_(options), comm_(comm.patient()), stop_(stop), layout_(layout) {}

  ConversionResult run() {
    agree(comm_, [&] {
      if (!options_.centroids.empty())
        centroids_ = std::make_shared<const ImportedCentroids>(options_.centroids, layout_.labels());
    });
    plan_ = make_plan(list_source_once(layout_, options_, comm_), layout_, options_);
    require_listed_images();
    ConversionResult result{ConversionResult::State::kPlanned, plan_.totals, manifest_without_shards(plan_, layout_, options_)};
    if (options_.dry_run) {
      log_plan();
      const Workload measured = measure(plan_, layout_, encode_options(), kForecastImages, comm_);
      log_info("measured: {}", rate_text(measured));
      log_info("forecast: {}", forecast_text(measured, plan_));
    } else if (is_complete(result.manifest)) {
      result.state = ConversionResult::State::kAlreadyComplete;
    } else {
      keep_intact_shards();
      warn_of_little_space();
      result.state = write_missing_shards() ? ConversionResult::State::kComplete : ConversionResult::State::kStopped;
    }
    if (result.state == ConversionResult::State::kComplete) complete(result.manifest);
    return result;
  }

 private:
  // Opens the output directory on root; a complete one replaces the manifest.
  bool is_complete(Manifest& manifest) {
    bool complete = false;
    on_root(comm_, [&] {
      directory_.emplace(options_.output, manifest);
      complete = directory_->found() == OutputDirectory::Found::kComplete;
      if (complete) {
        directory_->tidy();
      } else {
        directory_->begin(plan_);
        log_also_to(beside(options_.output, ".preprocess.log"));
        if (directory_->found() == OutputDirectory::Found::kNew) fs::remove(bad_list());
        log_plan();
      }
    });
    complete = comm_.broadcast(int64_t{complete}) != 0;
    agree(comm_, [&] {
      if (complete) manifest = read_manifest(options_.output);
    });
    return complete;
  }

  // Shards of an earlier start, where their bytes still are what was recorded; every rank looks at its share.
  void keep_intact_shards() {
    nlohmann::json known = nlohmann::json::array();
    if (comm_.is_root()) {
      for (const auto& [fingerprint, shard] : directory_->finished()) known.push_back(to_json(shard));
    }
    known = nlohmann::json::parse(comm_.broadcast(known.dump()));
    std::vector<int64_t> intact(known.size());
    agree(comm_, [&] {
      for (size_t i = static_cast<size_t>(comm_.rank()); i < known.size(); i += static_cast<size_t>(comm_.size())) {
        const ShardEntry entry = finished_from_json(known[i]).entry.shards.at(0);
        intact[i] = sha256_of_file(options_.output / entry.file) == entry.sha256;
      }
    });
    comm_.sum(intact);
    for (size_t i = 0; i < known.size(); ++i) {
      FinishedShard shard = finished_from_json(known[i]);
      if (intact[i] != 0) {
        finished_[shard.fingerprint] = std::move(shard);
      } else if (comm_.is_root()) {
        log_warning("{} changed since it was written and is made again", shard.entry.shards[0].file);
        directory_->forget(shard.fingerprint);
      }
    }
    if (!finished_.empty()) log_info("continuing: {} of {} shards are finished", finished_.size(), plan_.shards.size());
  }

  bool write_missing_shards() {
    const uint64_t done = finished_images();
    Progress progress({"preprocess", "images", plan_.images(), done,
                       comm_.is_root() ? ProgressOptions::Show::kYes : ProgressOptions::Show::kNo});
    BadFiles bad_files(options_.max_bad, skipped_frames(), bad_list());
    const WorkloadClock clock;
    uint64_t images = done, source_bytes = 0;
    const std::vector<const PlannedShard*> missing = missing_shards();
    EncodingQueue encoded(own_share(missing, comm_), layout_, encode_options(), comm_.size() > 1 ? kEncodedAhead : 0);
    for (size_t i = 0; i < missing.size(); ++i) {
      const PlannedShard& shard = *missing[i];
      const ShardTask task{shard,
                           options_.output,
                           layout_.labels(),
                           encoded,
                           static_cast<int>(i) % comm_.size(),
                           [&] { return must_stop(); },
                           [&](uint64_t samples) { progress.update(images += samples); }};
      std::optional<FinishedShard> written = convert_shard(task, comm_, bad_files);
      if (!written) return false;
      on_root(comm_, [&] { directory_->record(*written); });
      finished_[shard.fingerprint] = std::move(*written);
      source_bytes += shard.source_bytes();
    }
    progress.finish();
    const auto share = [&](uint64_t all) { return comm_.is_root() ? all : 0; };
    const Workload done_here = clock.stop(comm_, share(images - done), share(source_bytes), 0);
    if (done_here.images > 0) log_info("{}", rate_text(done_here));
    if (bad_files.frames() > 0) log_warning("{} frames were left out, see {}", bad_files.frames(), bad_list().string());
    return true;
  }

  std::vector<const PlannedShard*> missing_shards() const {
    std::vector<const PlannedShard*> missing;
    for (const PlannedShard& shard : plan_.shards) {
      if (!finished_.contains(shard.fingerprint)) missing.push_back(&shard);
    }
    return missing;
  }

  EncodeOptions encode_options() const {
    return {options_.tile_size, parse_tile_rule(options_.tile_rule), parse_keep(options_.keep), centroids_};
  }
  // A file of another dataset would leave all samples without centroids.
  void require_listed_images() const {
    if (!centroids_) return;
    size_t found = 0;
    for (const PlannedShard& shard : plan_.shards) {
      for (const SourceSample& sample : shard.samples) found += centroids_->lists(sample.frame);
    }
    if (found == 0)
      throw DataError(
          fmt::format("--centroids {} lists {} images, none of which is here", options_.centroids.string(), centroids_->images()),
          ErrorScope::kAllRanks);
    if (found < centroids_->images() && comm_.is_root())
      log_warning("--centroids {}: {} of its {} images are not here", options_.centroids.string(), centroids_->images() - found,
                  centroids_->images());
  }
  fs::path bad_list() const { return beside(options_.output, ".bad-files.txt"); }

  bool must_stop() const {
    const std::optional<std::string> reason = stop_.reason_to_stop(kStopSeconds);
    if (reason) {
      log_info("stopping: {}. {} of {} shards are finished; the same command continues with the others", *reason,
               finished_.size(), plan_.shards.size());
    }
    return reason.has_value();
  }

  void complete(Manifest& manifest) {
    for (const PlannedShard& shard : plan_.shards) add_to(manifest.splits.at(shard.split), finished_.at(shard.fingerprint).entry);
    on_root(comm_, [&] { directory_->complete(manifest); });
  }

  void log_plan() const {
    for (const SplitTotals& split : plan_.totals)
      log_info("{}: {} images, {} in {} files", split.split, split.images, readable_bytes(split.bytes), split.files);
    log_info("{} shards of at most {} of original files", plan_.shards.size(), readable_bytes(options_.shard_size_bytes));
  }

  void warn_of_little_space() const {
    if (!comm_.is_root()) return;
    uint64_t missing = 0;
    for (const PlannedShard& shard : plan_.shards) missing += finished_.contains(shard.fingerprint) ? 0 : shard.source_bytes();
    const auto needed = static_cast<uint64_t>(static_cast<double>(missing) * kStoredPerOriginal);
    const uint64_t free = free_bytes(options_.output);
    if (free < needed) {
      log_warning("{} has {} free and about {} are needed: the disk may be full before the end", options_.output.string(),
                  readable_bytes(free), readable_bytes(needed));
    }
  }

  uint64_t finished_images() const {
    uint64_t sum = 0;
    for (const auto& [fingerprint, shard] : finished_) sum += shard.entry.samples() + shard.entry.skipped.size();
    return sum;
  }
  uint64_t skipped_frames() const {
    uint64_t sum = 0;
    for (const auto& [fingerprint, shard] : finished_) sum += shard.entry.skipped.size();
    return sum;
  }

  const ConversionOptions& options_;
  const Communicator comm_;  // patient: samples are encoded beside its calls
  const StopConditions& stop_;
  const Layout& layout_;
  std::shared_ptr<const ImportedCentroids> centroids_;
  Plan plan_;
  std::optional<OutputDirectory> directory_;       // on root
  std::map<std::string, FinishedShard> finished_;  // by fingerprint, on every rank
};

}  // namespace

ConversionResult convert(const ConversionOptions& given, const Communicator& comm, const StopConditions& stop) {
  ConversionOptions options = given;
  std::unique_ptr<Layout> layout;
  agree(comm, [&] {
    require_valid(options);
    std::error_code unreadable;
    if (!fs::is_directory(options.input, unreadable))
      throw MissingInput(fmt::format("--input {} is not a directory", options.input.string()));
    layout = make_layout(options);
    if (options.splits.empty()) options.splits = layout->default_splits();
  });
  return Conversion(options, *layout, comm, stop).run();
}

}  // namespace strata
