#include "data/sample_order.h"

#include "base/error.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace strata::testing {
namespace {

// Class c has `centroids[c]` centroids; x tells them apart.
CentroidTable classes_of(const std::vector<uint32_t>& centroids, size_t size) {
  CentroidTable table;
  for (size_t c = 0; c < centroids.size(); ++c) {
    table.class_names.push_back(std::string(1, static_cast<char>('a' + c)));
    table.draws.emplace_back();
    for (uint32_t i = 0; i < centroids[c]; ++i)
      table.draws[c].push_back({static_cast<uint32_t>(i % size), Centroid{static_cast<uint16_t>(c), i, 0}});
  }
  return table;
}

struct Counts {
  std::map<uint16_t, std::map<uint32_t, size_t>> centroids;  // class -> which -> how often
  std::map<uint32_t, size_t> images;                         // drawn without centroid
};

Counts count(const std::vector<Draw>& draws) {
  Counts counts;
  for (const Draw& draw : draws) {
    if (draw.centroid) {
      ++counts.centroids[draw.centroid->class_id][draw.centroid->x];
    } else {
      ++counts.images[draw.sample];
    }
  }
  return counts;
}

TEST(EpochOrder, HoldsEachImageOnceWithoutClassUniformSampling) {
  const EpochOrder order(50, classes_of({10, 10}, 50), {.class_uniform_share = 0}, 1);
  const Counts counts = count(order.epoch(3));
  EXPECT_EQ(counts.images.size(), 50u);
  EXPECT_TRUE(counts.centroids.empty());
}

// reference.md 1.6: Cityscapes has 2975 images, 78 centroids a class and 1493 images without.
TEST(EpochOrder, DrawsTheSharesOfTheReference) {
  const EpochOrder order(2975, classes_of(std::vector<uint32_t>(19, 500), 2975), {}, 1);
  const Counts counts = count(order.epoch(0));
  ASSERT_EQ(counts.centroids.size(), 19u);
  for (const auto& [id, drawn] : counts.centroids) EXPECT_EQ(drawn.size(), 78u) << "class " << id;
  EXPECT_EQ(counts.images.size(), 1493u);
}

TEST(EpochOrder, WrapsRareCentroidsAndFillsAbsentClassesWithImages) {
  const EpochOrder order(100, classes_of({3, 0}, 100), {.class_uniform_share = 0.4}, 1);
  const Counts counts = count(order.epoch(0));
  ASSERT_EQ(counts.centroids.size(), 1u);
  size_t drawn = 0;
  for (const auto& [which, times] : counts.centroids.at(0)) {
    EXPECT_TRUE(times == 6 || times == 7) << "20 draws of 3 centroids";
    drawn += times;
  }
  EXPECT_EQ(drawn, 20u);
  EXPECT_EQ(counts.images.size(), 80u);
}

TEST(EpochOrder, SwitchesClassesOffFromAnEpochOn) {
  const EpochOrder order(100, classes_of({30, 40}, 100), {.class_uniform_share = 0.5, .until_epoch = 3}, 1);
  EXPECT_EQ(count(order.epoch(2)).images.size(), 50u);
  for (const uint64_t epoch : {3, 4, 100}) {
    EXPECT_EQ(count(order.epoch(epoch)).images.size(), 100u) << epoch;
    EXPECT_TRUE(count(order.epoch(epoch)).centroids.empty());
  }
}

TEST(EpochOrder, GivesBiasedClassesMorePlacesOrNone) {
  SamplingOptions options{.class_uniform_share = 0.3};
  options.class_bias = {{"b", 2}, {"c", 0}};
  const Counts counts = count(EpochOrder(100, classes_of({90, 90, 90}, 100), options, 1).epoch(0));
  EXPECT_EQ(counts.centroids.at(0).size(), 10u);
  EXPECT_EQ(counts.centroids.at(1).size(), 20u);
  EXPECT_FALSE(counts.centroids.contains(2));
  EXPECT_EQ(counts.images.size(), 70u);
  const auto refuse = [&](const ClassBias& bias) {
    options.class_bias = {bias};
    EXPECT_THROW(EpochOrder(100, classes_of({90, 90, 90}, 100), options, 1), ConfigError) << bias.name << bias.factor;
  };
  refuse({"road", 2});
  refuse({"a", -1});
  refuse({"a", 10});  // 100 places at a alone, and those of b and c
}

TEST(DrawStatistics, CountWhatAnEpochDrew) {
  const EpochOrder order(2975, classes_of(std::vector<uint32_t>(19, 500), 2975), {}, 1);
  const std::vector<Draw> draws = order.epoch(0);
  const DrawStatistics drawn = statistics_of(draws, 19);
  EXPECT_EQ(drawn.images, 1493u);
  EXPECT_EQ(drawn.at_class, std::vector<size_t>(19, 78));
  std::set<uint32_t> distinct;
  for (const Draw& draw : draws) distinct.insert(draw.sample);
  EXPECT_EQ(drawn.distinct, distinct.size());
  EXPECT_EQ(statistics_text({.images = 3, .distinct = 4, .at_class = {1, 2}}, 7),
            "3 images at random, 3 at classes (1 to 2 each), 4 different ones of a split of 7");
}

TEST(EpochOrder, DependsOnSeedAndEpochAlone) {
  const EpochOrder order(200, classes_of({30, 40, 5}, 200), {}, 7);
  EXPECT_EQ(order.epoch(2), order.epoch(2));
  EXPECT_EQ(EpochOrder(200, classes_of({30, 40, 5}, 200), {}, 7).epoch(2), order.epoch(2));
  EXPECT_NE(order.epoch(3), order.epoch(2));
  EXPECT_NE(EpochOrder(200, classes_of({30, 40, 5}, 200), {}, 8).epoch(2), order.epoch(2));
}

TEST(EpochOrder, DropsAnotherTailEachEpoch) {
  const EpochOrder order(11, {}, {.class_uniform_share = 0}, 1);
  EXPECT_EQ(order.steps_per_epoch(4), 2u);
  std::set<uint32_t> dropped;
  for (uint64_t epoch = 0; epoch < 60; ++epoch) {
    const std::vector<Draw> draws = order.epoch(epoch);
    for (size_t p = 8; p < 11; ++p) dropped.insert(draws[p].sample);
  }
  EXPECT_EQ(dropped.size(), 11u);
}

TEST(EpochOrder, RefusesASplitSmallerThanABatchAndAShareOutOfRange) {
  EXPECT_THROW(EpochOrder(3, {}, {}, 1).steps_per_epoch(4), DataError);
  EXPECT_THROW(EpochOrder(3, {}, {}, 1).steps_per_epoch(0), DataError);
  EXPECT_THROW(EpochOrder(3, {}, {.class_uniform_share = 1.1}, 1), ConfigError);
  EXPECT_THROW(EpochOrder(3, {}, {.class_uniform_share = -0.1}, 1), ConfigError);
}

// Whatever the sizes: the list is n long, images without centroid never repeat, classes get equal places, and ranks taking their
// part of each global batch see every kept position exactly once.
TEST(EpochOrder, HoldsForThousandsOfLayouts) {
  size_t layouts = 0;
  for (const size_t size : {1, 2, 3, 7, 16, 41, 100}) {
    for (const double share : {0.0, 0.25, 0.5, 0.99, 1.0}) {
      for (const std::vector<uint32_t>& centroids :
           {std::vector<uint32_t>{}, {5}, {0, 9}, {1, 2, 30}, std::vector<uint32_t>(19, 4)}) {
        const EpochOrder order(size, classes_of(centroids, size), {.class_uniform_share = share}, size + centroids.size());
        const std::vector<Draw> draws = order.epoch(size);
        ASSERT_EQ(draws.size(), size);
        const Counts counts = count(draws);
        for (const auto& [image, times] : counts.images) ASSERT_EQ(times, 1u) << "image " << image << " of " << size;
        std::set<size_t> places;
        for (const auto& [id, drawn] : counts.centroids) {
          size_t sum = 0;
          for (const auto& [which, times] : drawn) sum += times;
          places.insert(sum);
        }
        ASSERT_LE(places.size(), 1u);
        for (const size_t ranks : {1, 2, 3, 4, 8}) {
          for (const size_t local : {1, 2, 5}) {
            const size_t batch = ranks * local;
            ++layouts;
            if (batch > size) {
              ASSERT_THROW(order.steps_per_epoch(batch), DataError);
              continue;
            }
            std::vector<size_t> seen(size);
            for (size_t step = 0; step < order.steps_per_epoch(batch); ++step) {
              for (size_t rank = 0; rank < ranks; ++rank) {
                for (size_t p = rank * local; p < (rank + 1) * local; ++p) ++seen[step * batch + p];
              }
            }
            const size_t kept = size - size % batch;
            ASSERT_TRUE(
                std::all_of(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(kept), [](size_t n) { return n == 1; }));
            ASSERT_TRUE(
                std::all_of(seen.begin() + static_cast<std::ptrdiff_t>(kept), seen.end(), [](size_t n) { return n == 0; }));
          }
        }
      }
    }
  }
  EXPECT_GT(layouts, 2000u);
}

}  // namespace
}  // namespace strata::testing
