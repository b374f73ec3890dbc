#include "curation/stratified_choice.h"

#include "base/random.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

namespace strata::testing {
namespace {

// Class c is in one of (c+1)^2 samples.
std::vector<std::vector<uint16_t>> long_tail(size_t samples, uint64_t seed) {
  RandomStream random(seed);
  std::vector<std::vector<uint16_t>> classes(samples);
  for (auto& held : classes) {
    for (uint16_t c = 0; c < 10; ++c) {
      if (random.below(static_cast<uint64_t>((c + 1) * (c + 1))) == 0) held.push_back(c);
    }
  }
  return classes;
}

std::map<uint16_t, double> images(const std::vector<std::vector<uint16_t>>& classes, const std::vector<size_t>& chosen) {
  std::map<uint16_t, double> counts;
  for (const size_t i : chosen) {
    for (const uint16_t c : classes[i]) ++counts[c];
  }
  return counts;
}

std::vector<size_t> all_of(size_t n) {
  std::vector<size_t> all(n);
  for (size_t i = 0; i < n; ++i) all[i] = i;
  return all;
}

TEST(StratifiedChoice, KeepsTheShareOfEveryClassWithinAnImageOrTwo) {
  for (const uint64_t seed : {1, 2, 3}) {
    const auto classes = long_tail(2000, seed);
    const std::vector<size_t> chosen = choose_stratified(classes, 600, seed);
    ASSERT_EQ(chosen.size(), 600u);
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    const auto before = images(classes, all_of(2000)), after = images(classes, chosen);
    for (const auto& [c, count] : before) {
      EXPECT_NEAR(after.at(c), 0.3 * count, std::max(2.0, 0.02 * count)) << "class " << c << " of " << count << " images";
    }
  }
}

TEST(StratifiedChoice, KeepsOneOfTwoImagesOfARareClass) {
  std::vector<std::vector<uint16_t>> classes(100, {0});
  classes[17] = {0, 1};
  classes[70] = {0, 1};
  for (uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(images(classes, choose_stratified(classes, 50, seed))[1], 1);
}

TEST(StratifiedChoice, IsAFunctionOfItsSeed) {
  const auto classes = long_tail(300, 5);
  EXPECT_EQ(choose_stratified(classes, 100, 7), choose_stratified(classes, 100, 7));
  EXPECT_NE(choose_stratified(classes, 100, 7), choose_stratified(classes, 100, 8));
}

TEST(StratifiedChoice, TakesAllOrNone) {
  const auto classes = long_tail(30, 5);
  EXPECT_EQ(choose_stratified(classes, 30, 1), all_of(30));
  EXPECT_TRUE(choose_stratified(classes, 0, 1).empty());
  EXPECT_TRUE(choose_stratified({}, 0, 1).empty());
}

}  // namespace
}  // namespace strata::testing
