#include "base/random.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace strata {
namespace {

TEST(RandomStream, IsSplitMix64) {
  // First outputs of SplitMix64 with state 1234567, as published with the algorithm's reference code.
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15ull;
  EXPECT_EQ(mix64(1234567 + kGolden), 6457827717110365317ull);
  EXPECT_EQ(mix64(1234567 + 2 * kGolden), 3203168211198807973ull);
}

TEST(RandomStream, KeysAreFixedForEver) {
  // Part of the promise that runs continue bit for bit: these words may never change.
  RandomStream stream({.seed = 1, .epoch = 2, .sample = 3, .purpose = Purpose::kCrop});
  EXPECT_EQ(stream(), 12553254459377742386ull);
  EXPECT_EQ(stream(), 6802120533995123138ull);
}

TEST(RandomStream, EveryPartOfTheKeyMatters) {
  std::set<uint64_t> first;
  const RandomKey key{.seed = 1, .epoch = 2, .sample = 3, .purpose = Purpose::kFlip};
  for (RandomKey other : {key, RandomKey{2, 2, 3, key.purpose}, RandomKey{1, 3, 3, key.purpose}, RandomKey{1, 2, 4, key.purpose},
                          RandomKey{1, 2, 3, Purpose::kBlur}, RandomKey{2, 1, 3, key.purpose}}) {
    first.insert(RandomStream(other)());
  }
  EXPECT_EQ(first.size(), 6u);
}

TEST(RandomStream, UniformNumbersFillTheirRangeEvenly) {
  RandomStream stream(7);
  double sum = 0, low = 1e9, high = -1e9;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = stream.uniform(-2, 4);
    sum += value;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_NEAR(sum / kDraws, 1.0, 0.03);
  EXPECT_GE(low, -2);
  EXPECT_LT(high, 4);
  EXPECT_NEAR(high - low, 6, 0.01);
}

TEST(RandomStream, IntegersCoverExactlyTheirRange) {
  RandomStream stream(7);
  std::vector<int> counts(6);
  for (int i = 0; i < 60'000; ++i) ++counts[static_cast<size_t>(stream.between(-2, 3) + 2)];
  for (int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_EQ(stream.below(1), 0u);
  EXPECT_EQ(stream.between(5, 5), 5);
  stream.between(INT64_MIN, INT64_MAX);
}

TEST(RandomStream, NormalNumbersHaveMeanZeroAndDeviationOne) {
  RandomStream stream(7);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = stream.normal();
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
}

TEST(RandomPermutation, HoldsEveryNumberOnceAndDependsOnTheKeyAlone) {
  const RandomKey key{.seed = 3, .epoch = 1};
  std::vector<uint32_t> order = random_permutation(1000, key);
  EXPECT_EQ(order, random_permutation(1000, key));
  EXPECT_NE(order, random_permutation(1000, {.seed = 3, .epoch = 2}));
  std::sort(order.begin(), order.end());
  for (uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
  EXPECT_TRUE(random_permutation(0, key).empty());
}

TEST(RandomPermutation, PutsEveryNumberEverywhereEquallyOften) {
  std::vector<int> first(4);
  for (uint64_t seed = 0; seed < 8000; ++seed) ++first[random_permutation(4, {.seed = seed})[0]];
  for (int count : first) EXPECT_NEAR(count, 2000, 200);
}

}  // namespace
}  // namespace strata
