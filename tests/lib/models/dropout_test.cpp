#include "models/keyed_dropout.h"

#include "base/error.h"

#include <torch/types.h>

#include <gmock/gmock.h>

#include <cmath>

namespace strata {
namespace {

torch::Tensor mask(uint64_t seed, const DropoutKeys& keys, std::string_view layer) {
  const auto samples = static_cast<int64_t>(keys.positions.size());
  return KeyedDropout(0.3, seed).apply(torch::ones({samples, 200, 2, 3}), {keys, layer});
}

TEST(KeyedDropout, MaskOfASampleDoesNotDependOnItsBatch) {
  const torch::Tensor together = mask(1, {.epoch = 2, .positions = {5, 6, 7}}, "1");
  const torch::Tensor alone = mask(1, {.epoch = 2, .positions = {6}}, "1");
  EXPECT_TRUE(torch::equal(together.narrow(0, 1, 1), alone));
}

TEST(KeyedDropout, EveryPartOfTheKeyChangesTheMask) {
  const torch::Tensor base = mask(1, {.epoch = 2, .positions = {5}}, "1");
  EXPECT_FALSE(torch::equal(base, mask(2, {.epoch = 2, .positions = {5}}, "1")));
  EXPECT_FALSE(torch::equal(base, mask(1, {.epoch = 3, .positions = {5}}, "1")));
  EXPECT_FALSE(torch::equal(base, mask(1, {.epoch = 2, .positions = {6}}, "1")));
  EXPECT_FALSE(torch::equal(base, mask(1, {.epoch = 2, .positions = {5}}, "0.5")));
}

TEST(KeyedDropout, DropsWholeChannelsAndKeepsTheMean) {
  const torch::Tensor dropped = mask(1, {.epoch = 0, .positions = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}, "1");
  EXPECT_TRUE(torch::equal(dropped, dropped.slice(2, 0, 1).slice(3, 0, 1).expand_as(dropped)));
  const auto zeros = dropped.eq(0), kept = (dropped - 1 / 0.7).abs().lt(1e-6);
  EXPECT_TRUE(zeros.logical_or(kept).all().item<bool>());
  EXPECT_NEAR(zeros.to(torch::kFloat64).mean().item<double>(), 0.3, 0.04);  // 2000 draws: 4 deviations
}

TEST(KeyedDropout, OfElementsDropsThemOneByOne) {
  const DropoutKeys keys{.epoch = 0, .positions = {0, 1}};
  const KeyedDropout dropout(0.3, 1, KeyedDropout::Drops::kElements);
  const torch::Tensor dropped = dropout.apply(torch::ones({2, 20, 10, 5}), {keys, "1"});
  EXPECT_NEAR(dropped.eq(0).to(torch::kFloat64).mean().item<double>(), 0.3, 0.04);          // 2000 draws: 4 deviations
  EXPECT_NEAR(dropped.mean({2, 3}).std().item<double>(), std::sqrt(0.3 / 0.7 / 50), 0.03);  // of 40 channels' means
  EXPECT_FALSE(torch::equal(dropped[0], dropped[1]));
}

TEST(KeyedDropout, WithProbabilityZeroLooksAtNothing) {
  const torch::Tensor x = torch::ones({2, 3, 1, 1});
  EXPECT_TRUE(KeyedDropout(0, 1).apply(x, {DropoutKeys{}, ""}).is_same(x));
}

TEST(KeyedDropout, RefusesKeysForAnotherNumberOfSamples) {
  const DropoutKeys keys{.epoch = 0, .positions = {1}};
  EXPECT_THROW(KeyedDropout(0.5, 1).apply(torch::ones({2, 3, 1, 1}), {keys, ""}), InternalError);
}

TEST(KeyedDropout, RefusesAProbabilityOfOne) {
  EXPECT_THROW(KeyedDropout(1, 0), ConfigError);
  EXPECT_THROW(KeyedDropout(-0.1, 0), ConfigError);
}

}  // namespace
}  // namespace strata
