#include "preprocess/plan.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "data/shard.h"
#include "preprocess/conversion.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace strata {

namespace {

using Json = nlohmann::json;

std::string identity_of(const std::vector<SourceSample>& samples) {
  std::string text;
  for (const SourceSample& s : samples) text += fmt::format("{}\t{}\t{}\n", s.name, s.frame_bytes, s.label_bytes);
  return text;
}

SplitTotals totals_of(const SourceSplit& source) {
  SplitTotals totals{source.split, source.samples.size(), 0, 0};
  for (const SourceSample& s : source.samples) {
    totals.files += 1 + (s.labels.empty() ? 0 : 1) + s.label_parts.size();
    totals.bytes += s.bytes();
    totals.labelled = !s.labels.empty();
  }
  return totals;
}

// Parts of equal bytes; a sample belongs to the part its middle is in, and parts without a sample are left out.
std::vector<std::vector<SourceSample>> cut(const SourceSplit& source, uint64_t total_bytes, uint64_t shard_size_bytes) {
  const uint64_t parts = std::max<uint64_t>(1, (total_bytes + shard_size_bytes - 1) / shard_size_bytes);
  const uint64_t part_bytes = std::max<uint64_t>(1, (total_bytes + parts - 1) / parts);
  std::vector<std::vector<SourceSample>> shards;
  uint64_t before = 0, last_part = 0;
  for (const SourceSample& sample : source.samples) {
    const uint64_t part = (before + sample.bytes() / 2) / part_bytes;
    if (shards.empty() || part != last_part) shards.emplace_back();
    shards.back().push_back(sample);
    last_part = part;
    before += sample.bytes();
  }
  return shards;
}

void warn_of_overlap(const std::vector<SourceSplit>& source) {
  std::set<std::string> seen;
  size_t repeated = 0;
  std::string example;
  for (const SourceSplit& split : source) {
    for (const SourceSample& sample : split.samples) {
      if (!seen.insert(sample.name).second && repeated++ == 0) example = sample.name;
    }
  }
  if (repeated > 0)
    log_warning("{} frames are in several splits, e.g. {}: results on one that was trained on mean little", repeated, example);
}

// Links are followed: what counts is where a file really lies.
void require_inside(const std::vector<SourceSplit>& source, const fs::path& input) {
  const std::string root = fs::canonical(input).string() + "/";
  const auto require = [&](const fs::path& file) {
    if (file.empty()) return;
    std::error_code error;
    const std::string real = fs::canonical(file, error).string();
    if (error) throw_read_errno(error.value(), file);
    if (real.starts_with(root)) return;
    throw DataError(
        fmt::format("{} is a link to {}, outside of --input {}: its bytes would be copied into the dataset. Say --allow-outside "
                    "if that is meant",
                    file.string(), real, input.string()));
  };
  for (const SourceSplit& split : source) {
    for (const SourceSample& sample : split.samples) {
      require(sample.frame);
      require(sample.labels);
    }
  }
}

}  // namespace

std::vector<SourceSplit> list_source(const Layout& layout, const ConversionOptions& options) {
  std::vector<SourceSplit> source;
  for (const std::string& split : options.splits) source.push_back({split, layout.samples(split)});
  const bool elsewhere = options.outside == ConversionOptions::Outside::kAllowed || !options.auto_labels.directory.empty();
  if (!elsewhere) require_inside(source, options.input);
  warn_of_overlap(source);
  return source;
}

std::string to_text(const std::vector<SourceSplit>& source) {
  Json json = Json::array();
  for (const SourceSplit& split : source) {
    Json samples = Json::array();
    for (const SourceSample& s : split.samples) {
      Json parts = Json::array();
      for (const fs::path& part : s.label_parts) parts.push_back(part.string());
      samples.push_back({s.name, s.frame.string(), s.labels.string(), s.frame_bytes, s.label_bytes, parts});
    }
    json.push_back({{"split", split.split}, {"samples", samples}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<SourceSplit> source_from_text(const std::string& text) {
  std::vector<SourceSplit> source;
  for (const Json& split : Json::parse(text)) {
    source.push_back({split.at("split").get<std::string>(), {}});
    for (const Json& s : split.at("samples")) {
      source.back().samples.push_back({s[0].get<std::string>(), s[1].get<std::string>(), s[2].get<std::string>(),
                                       s[3].get<uint64_t>(), s[4].get<uint64_t>()});
      for (const Json& part : s[5]) source.back().samples.back().label_parts.emplace_back(part.get<std::string>());
    }
  }
  return source;
}

uint64_t PlannedShard::source_bytes() const {
  uint64_t sum = 0;
  for (const SourceSample& s : samples) sum += s.bytes();
  return sum;
}

uint64_t Plan::images() const {
  uint64_t sum = 0;
  for (const SplitTotals& split : totals) sum += split.images;
  return sum;
}

Plan make_plan(const std::vector<SourceSplit>& source, const Layout& layout, const ConversionOptions& options) {
  const std::string settings = to_json(layout.labels()).dump() + Json(layout.settings()).dump() +
                               fmt::format("\n{}\t{}\t{}\t{}\t{}\n", kShardFormatVersion, options.tile_size, options.tile_rule,
                                           options.keep, options.centroids.empty() ? "" : sha256_of_file(options.centroids));
  Plan plan;
  std::string all;
  for (const SourceSplit& split : source) {
    plan.totals.push_back(totals_of(split));
    all += split.split + "\n" + identity_of(split.samples);
    size_t number = 0;
    for (std::vector<SourceSample>& samples : cut(split, plan.totals.back().bytes, options.shard_size_bytes)) {
      PlannedShard shard{split.split, fmt::format("{}-{:05}.h5", split.split, number++), std::move(samples), ""};
      shard.fingerprint = sha256_of(settings + shard.file + "\n" + identity_of(shard.samples));
      plan.shards.push_back(std::move(shard));
    }
  }
  plan.source_sha256 = sha256_of(all);
  return plan;
}

}  // namespace strata
