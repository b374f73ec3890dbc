#pragma once
// Which sample comes when: a pure function of (seed, epoch, sizes, position). No state, so it resumes at once and does not depend
// on how many ranks there are.

#include "data/dataset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace strata {

// More or fewer places for a class.
struct ClassBias {
  std::string name;
  double factor = 1;  // on its places; 0: none
};

struct SamplingOptions {
  // Share of an epoch drawn at class centroids, split evenly over the classes (reference.md 1.6). 0: every image once, no
  // centroids.
  double class_uniform_share = 0.5;
  uint64_t until_epoch = 0;                 // epochs from this one on draw every image once, without centroids; 0: never
  std::vector<ClassBias> class_bias;        // classes not named: 1
  std::string coarse_split;                 // split with coarse labels, e.g. "train_extra"; empty: none
  std::vector<std::string> coarse_classes;  // whose centroids are drawn from coarse_split too
};

// One draw of an epoch.
struct Draw {
  uint32_t sample = 0;               // index in the split
  std::optional<Centroid> centroid;  // crop around it; without: crop anywhere
  bool operator==(const Draw&) const = default;
};

// Where each class can be found: centroids in dataset order.
struct CentroidTable {
  std::vector<std::string> class_names;
  std::vector<std::vector<Draw>> draws;  // by class
};
// Of the dataset's split; and, of the coarse classes, of the split that the dataset was given further. ConfigError for a class
// that is not there.
CentroidTable centroid_table(const Dataset& dataset, const SamplingOptions& options);

// The epoch's list, n = split size long before the tail is dropped: per class k = floor(n * share / classes * bias) centroids
// (shuffled, wrapped), the rest random images without repetition; then one permutation of all. A class without centroids gives
// its places to random images.
class EpochOrder {
 public:
  // Warns of classes without centroids. ConfigError where the share is not within [0, 1], a bias is negative or of a class that
  // is not there, or the biased places are more than the epoch's.
  EpochOrder(const Dataset& dataset, const SamplingOptions& options, uint64_t seed);
  // From a split's size and its centroids.
  EpochOrder(size_t size, CentroidTable centroids, const SamplingOptions& options, uint64_t seed);

  // floor(n / global_batch); DataError where that is 0.
  size_t steps_per_epoch(size_t global_batch) const;
  // All draws of an epoch; the same everywhere. Position p of step s is entry s * global_batch + p.
  std::vector<Draw> epoch(uint64_t epoch) const;

 private:
  size_t size_;
  SamplingOptions options_;
  uint64_t seed_;
  CentroidTable centroids_;
  std::vector<size_t> places_;  // of each class in an epoch
};

// What an epoch drew.
struct DrawStatistics {
  size_t images = 0;             // drawn at random
  size_t distinct = 0;           // images that occur at all
  std::vector<size_t> at_class;  // centroids drawn, by class
};
DrawStatistics statistics_of(const std::vector<Draw>& draws, size_t classes);
// "1493 images at random, 1482 at classes (78 to 78 each), 2103 of 2975 images seen".
std::string statistics_text(const DrawStatistics& drawn, size_t split_size);

}  // namespace strata
