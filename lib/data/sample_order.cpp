#include "data/sample_order.h"

#include "base/error.h"
#include "base/random.h"

#include <fmt/format.h>

#include <cmath>

namespace strata {

namespace {

std::vector<std::vector<Draw>> centroids_by_class(const Dataset& dataset) {
  std::vector<std::vector<Draw>> by_class(dataset.labels().classes.size());
  for (size_t i = 0; i < dataset.size(); ++i) {
    for (const Centroid& centroid : dataset.sample(i).centroids)
      by_class.at(centroid.class_id).push_back({static_cast<uint32_t>(i), centroid});
  }
  return by_class;
}

}  // namespace

EpochOrder::EpochOrder(const Dataset& dataset, const SamplingOptions& options, uint64_t seed)
    : EpochOrder(dataset.size(), centroids_by_class(dataset), options, seed) {}

EpochOrder::EpochOrder(size_t size, std::vector<std::vector<Draw>> by_class, const SamplingOptions& options, uint64_t seed)
    : size_(size), options_(options), seed_(seed), by_class_(std::move(by_class)) {
  if (!(options.class_uniform_share >= 0 && options.class_uniform_share <= 1)) {
    throw ConfigError(fmt::format("class_uniform_share is {}, it must lie within 0 and 1", options.class_uniform_share));
  }
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
  const size_t classes = by_class_.size();
  const auto per_class = classes == 0 ? 0
                                      : static_cast<size_t>(std::floor(static_cast<double>(size_) * options_.class_uniform_share /
                                                                       static_cast<double>(classes)));
  for (size_t c = 0; c < classes && per_class > 0; ++c) {
    const std::vector<Draw>& centroids = by_class_[c];
    const std::vector<uint32_t> order = random_permutation(centroids.size(), {seed_, epoch, c, Purpose::kClassSample});
    for (size_t i = 0; i < per_class && !centroids.empty(); ++i) draws.push_back(centroids[order[i % order.size()]]);
  }
  const std::vector<uint32_t> images = random_permutation(size_, {seed_, epoch, 0, Purpose::kUniformSample});
  for (size_t i = 0; draws.size() < size_; ++i) draws.push_back({images[i], std::nullopt});

  std::vector<Draw> ordered;
  ordered.reserve(size_);
  for (const uint32_t position : random_permutation(size_, {seed_, epoch, 0, Purpose::kEpochOrder}))
    ordered.push_back(draws[position]);
  return ordered;
}

}  // namespace strata
