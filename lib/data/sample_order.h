#pragma once
// Which sample comes when: a pure function of (seed, epoch, sizes, position). No state, so it resumes at once and does not depend
// on how many ranks there are.

#include "data/dataset.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace strata {

struct SamplingOptions {
  // Share of an epoch drawn at class centroids, split evenly over the classes (reference.md 1.6). 0: every image once, no
  // centroids.
  double class_uniform_share = 0.5;
};

// One draw of an epoch.
struct Draw {
  uint32_t sample = 0;               // index in the split
  std::optional<Centroid> centroid;  // crop around it; without: crop anywhere
  bool operator==(const Draw&) const = default;
};

// The epoch's list, n = split size long before the tail is dropped: per class k = floor(n * share / classes) centroids (shuffled,
// wrapped), the rest random images without repetition; then one permutation of all. A class without centroids gives its places to
// random images.
class EpochOrder {
 public:
  // ConfigError where the share is not within [0, 1].
  EpochOrder(const Dataset& dataset, const SamplingOptions& options, uint64_t seed);
  // From a split's size and the centroids of each class, in dataset order.
  EpochOrder(size_t size, std::vector<std::vector<Draw>> by_class, const SamplingOptions& options, uint64_t seed);

  // floor(n / global_batch); DataError where that is 0.
  size_t steps_per_epoch(size_t global_batch) const;
  // All draws of an epoch; the same everywhere. Position p of step s is entry s * global_batch + p.
  std::vector<Draw> epoch(uint64_t epoch) const;

 private:
  size_t size_;
  SamplingOptions options_;
  uint64_t seed_;
  std::vector<std::vector<Draw>> by_class_;
};

}  // namespace strata
