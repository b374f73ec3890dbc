#include "data/sample_order.h"

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace strata {

namespace {

size_t class_named(const std::vector<std::string>& names, const std::string& name, const char* option) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw ConfigError(fmt::format("[sampling] {}: '{}' is no class; there are {}", option, name, fmt::join(names, ", ")));
  return static_cast<size_t>(found - names.begin());
}

void append(const Dataset& dataset, size_t first, size_t last, const std::vector<bool>& classes, CentroidTable& table) {
  for (size_t i = first; i < last; ++i) {
    for (const Centroid& centroid : dataset.sample(i).centroids) {
      if (classes.at(centroid.class_id)) table.draws[centroid.class_id].push_back({static_cast<uint32_t>(i), centroid});
    }
  }
}

std::vector<size_t> places_of(size_t size, const CentroidTable& centroids, const SamplingOptions& options) {
  std::vector<double> bias(centroids.draws.size(), 1);
  for (const ClassBias& one : options.class_bias) {
    if (!(one.factor >= 0)) throw ConfigError(fmt::format("[sampling] class_bias: {} of '{}' is negative", one.factor, one.name));
    bias[class_named(centroids.class_names, one.name, "class_bias")] = one.factor;
  }
  std::vector<size_t> places;
  size_t sum = 0;
  for (const double factor : bias) {
    places.push_back(static_cast<size_t>(
        std::floor(static_cast<double>(size) * options.class_uniform_share / static_cast<double>(bias.size()) * factor)));
    sum += places.back();
  }
  if (sum > size) {
    throw ConfigError(fmt::format(
        "[sampling] class_bias asks for {} places at classes, an epoch has {}: lower the biases or class_uniform_share", sum,
        size));
  }
  return places;
}

void warn_of_absent(const CentroidTable& centroids) {
  std::vector<std::string> absent;
  for (size_t c = 0; c < centroids.draws.size(); ++c) {
    if (centroids.draws[c].empty()) absent.push_back(centroids.class_names[c]);
  }
  if (!absent.empty())
    log_warning("class-uniform sampling: {} of {} classes have no centroid; random images take their places ({})", absent.size(),
                centroids.draws.size(), fmt::join(absent, ", "));
}

}  // namespace

CentroidTable centroid_table(const Dataset& dataset, const SamplingOptions& options) {
  CentroidTable table;
  for (const LabelClass& one : dataset.labels().classes) table.class_names.push_back(one.name);
  table.draws.resize(table.class_names.size());
  append(dataset, 0, dataset.size(), std::vector<bool>(table.draws.size(), true), table);
  std::vector<bool> coarse(table.draws.size(), false);
  for (const std::string& name : options.coarse_classes) coarse[class_named(table.class_names, name, "coarse_classes")] = true;
  append(dataset, dataset.size(), dataset.size_with_further(), coarse, table);
  return table;
}

EpochOrder::EpochOrder(const Dataset& dataset, const SamplingOptions& options, uint64_t seed)
    : EpochOrder(dataset.size(), centroid_table(dataset, options), options, seed) {
  if (options.class_uniform_share > 0) warn_of_absent(centroids_);
}

EpochOrder::EpochOrder(size_t size, CentroidTable centroids, const SamplingOptions& options, uint64_t seed)
    : size_(size), options_(options), seed_(seed), centroids_(std::move(centroids)) {
  if (!(options.class_uniform_share >= 0 && options.class_uniform_share <= 1)) {
    throw ConfigError(fmt::format("class_uniform_share is {}, it must lie within 0 and 1", options.class_uniform_share));
  }
  places_ = places_of(size_, centroids_, options_);
}

size_t EpochOrder::steps_per_epoch(size_t global_batch) const {
  const size_t steps = global_batch == 0 ? 0 : size_ / global_batch;
  if (steps == 0) {
    throw DataError(fmt::format(
        "the split has {} samples, fewer than one global batch of {}: there is no step to train. Lower the global batch or add "
        "samples",
        size_, global_batch));
  }
  return steps;
}

std::vector<Draw> EpochOrder::epoch(uint64_t epoch) const {
  std::vector<Draw> draws;
  draws.reserve(size_);
  const bool at_classes = options_.until_epoch == 0 || epoch < options_.until_epoch;
  for (size_t c = 0; at_classes && c < centroids_.draws.size(); ++c) {
    const std::vector<Draw>& centroids = centroids_.draws[c];
    if (centroids.empty()) continue;
    const std::vector<uint32_t> order = random_permutation(centroids.size(), {seed_, epoch, c, Purpose::kClassSample});
    for (size_t i = 0; i < places_[c]; ++i) draws.push_back(centroids[order[i % order.size()]]);
  }
  const std::vector<uint32_t> images = random_permutation(size_, {seed_, epoch, 0, Purpose::kUniformSample});
  for (size_t i = 0; draws.size() < size_; ++i) draws.push_back({images[i], std::nullopt});

  std::vector<Draw> ordered;
  ordered.reserve(size_);
  for (const uint32_t position : random_permutation(size_, {seed_, epoch, 0, Purpose::kEpochOrder}))
    ordered.push_back(draws[position]);
  return ordered;
}

DrawStatistics statistics_of(const std::vector<Draw>& draws, size_t classes) {
  DrawStatistics drawn;
  drawn.at_class.assign(classes, 0);
  std::set<uint32_t> seen;
  for (const Draw& draw : draws) {
    seen.insert(draw.sample);
    ++(draw.centroid ? drawn.at_class.at(draw.centroid->class_id) : drawn.images);
  }
  drawn.distinct = seen.size();
  return drawn;
}

std::string statistics_text(const DrawStatistics& drawn, size_t split_size) {
  size_t sum = 0;
  for (const size_t count : drawn.at_class) sum += count;
  std::string each;
  if (sum > 0) {
    const auto [least, most] = std::minmax_element(drawn.at_class.begin(), drawn.at_class.end());
    each = fmt::format(" ({} to {} each)", *least, *most);
  }
  return fmt::format("{} images at random, {} at classes{}, {} different ones of a split of {}", drawn.images, sum, each,
                     drawn.distinct, split_size);
}

}  // namespace strata
