// The walks on the CPU against ATen's operators: values and gradients.

#include "losses/region_maps.h"

#include "lib/losses/examples.h"
#include "losses/sigmoid_loops.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <limits>

namespace strata {
namespace {

using namespace testing;

void expect_near(const torch::Tensor& found, const torch::Tensor& expected, double tolerance, const char* what) {
  ASSERT_EQ(found.sizes(), expected.sizes()) << what;
  const double difference = (found - expected).to(torch::kFloat64).norm().item<double>();
  EXPECT_LE(difference, tolerance * expected.to(torch::kFloat64).norm().item<double>()) << what;
}

torch::Tensor leaf(const torch::Tensor& values) { return values.detach().clone().requires_grad_(); }

// Some scalar in which every entry has a weight of its own.
torch::Tensor mixed(const torch::Tensor& values) {
  const auto weights = uniform(fnv1a64("weights"), static_cast<size_t>(values.numel()));
  return (values.to(torch::kFloat64) * torch::tensor(weights, torch::kFloat64).reshape(values.sizes())).sum();
}

// Sizes with every rest of the division by 4, one smaller than a window, and more classes than a vector has lanes.
const std::vector<std::vector<int64_t>> kShapes = {
    {2, 3, 26, 33}, {1, 19, 24, 24}, {2, 5, 27, 18}, {1, 2, 13, 15}, {1, 65, 8, 9}};

TEST(RegionMaps, OnTheCpuAreThoseOfOperatorsWithTheirGradients) {
  for (const auto& shape : kShapes) {
    for (const auto& [type, tolerance] : {std::pair(torch::kFloat64, 1e-13), std::pair(torch::kFloat32, 1e-6)}) {
      const Example example = make_example(shape[0], shape[1], shape[2], shape[3]);
      const torch::Tensor ours = leaf(example.logits_NCHW.to(type)), theirs = leaf(example.logits_NCHW);
      const RegionMaps found = region_maps_on_cpu(ours, example.labels_NHW),
                       expected = region_maps_by_operators(theirs, example.labels_NHW);
      expect_near(found.bce_sum, expected.bce_sum, tolerance, "BCE");
      expect_near(found.labels_NChw, expected.labels_NChw, tolerance, "labels");
      expect_near(found.probabilities_NChw, expected.probabilities_NChw, tolerance, "probabilities");
      (0.3 * found.bce_sum + mixed(found.probabilities_NChw)).backward();
      (0.3 * expected.bce_sum + mixed(expected.probabilities_NChw)).backward();
      expect_near(ours.grad(), theirs.grad(), 3 * tolerance, "gradient");
    }
  }
}

TEST(RegionMaps, CrossEntropyAloneIsThatOfOperatorsWithItsGradient) {
  const Example example = make_example(2, 19, 26, 33);
  const torch::Tensor ours = leaf(example.logits_NCHW.contiguous(torch::MemoryFormat::ChannelsLast)),
                      theirs = leaf(example.logits_NCHW);
  binary_cross_entropy_sum_on_cpu(ours, example.labels_NHW).backward();
  region_maps_by_operators(theirs, example.labels_NHW).bce_sum.backward();
  expect_near(ours.grad(), theirs.grad(), 1e-13, "gradient");
  EXPECT_TRUE(ours.grad().is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(RegionCovariances, OnTheCpuAreThoseOfOperatorsWithTheirGradients) {
  for (const auto& shape : std::vector<std::vector<int64_t>>{{2, 3, 7, 9}, {1, 19, 3, 3}, {2, 2, 33, 30}}) {
    const Example example = make_example(shape[0], shape[1], shape[2], shape[3]);
    const torch::Tensor labels = example.logits_NCHW.flip({1}) + 30;
    const torch::Tensor ours = leaf(example.logits_NCHW), theirs = leaf(example.logits_NCHW);
    const RegionCovariances found = region_covariances_on_cpu(labels, ours),
                            expected = region_covariances_by_operators(labels, theirs);
    expect_near(found.labels, expected.labels, 1e-12, "labels");
    expect_near(found.cross, expected.cross, 1e-12, "cross");
    expect_near(found.predictions, expected.predictions, 1e-12, "predictions");
    (mixed(found.cross) + 0.7 * mixed(found.predictions)).backward();
    (mixed(expected.cross) + 0.7 * mixed(expected.predictions)).backward();
    if (shape[2] > 3) expect_near(ours.grad(), theirs.grad(), 1e-12, "gradient");
  }
}

TEST(RegionMaps, HaveTheSameBitsForAnyNumberOfThreads) {
  const Example example = make_example(2, 19, 61, 67);
  const int threads = at::get_num_threads();
  std::vector<torch::Tensor> results;
  for (const int n : {1, 3}) {
    at::set_num_threads(n);
    const torch::Tensor logits = leaf(example.logits_NCHW.to(torch::kFloat32));
    const RegionMaps maps = region_maps_on_cpu(logits, example.labels_NHW);
    const RegionCovariances sigma = region_covariances_on_cpu(maps.labels_NChw, maps.probabilities_NChw);
    (maps.bce_sum + mixed(sigma.predictions)).backward();
    results.push_back(
        torch::cat({logits.grad().flatten().to(torch::kFloat64), sigma.cross.flatten(), maps.bce_sum.detach().reshape({1})}));
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(torch::equal(results[0], results[1]));
}

TEST(SigmoidLoops, AreRightToTwoUnitsInTheLastPlaceFromEndToEnd) {
  for (double x = -100; x <= 100; x += 0.00731) {
    const auto z = static_cast<float>(x);
    float sigmoid, entropy;
    sigmoids_and_entropies(&z, 1, &sigmoid, &entropy);
    const double exact = 1 / (1 + std::exp(-static_cast<double>(z)));
    const double exact_entropy =
        z > 0 ? z + std::log1p(std::exp(-static_cast<double>(z))) : std::log1p(std::exp(static_cast<double>(z)));
    ASSERT_NEAR(sigmoid, exact, 4e-7 * exact + 2e-38) << x;
    ASSERT_NEAR(entropy, exact_entropy, 4e-7 * exact_entropy + 2e-38) << x;
  }
}

TEST(SigmoidLoops, GiveNanForNanAndLimitsForInfinities) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float z[] = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity};
  float sigmoid[3], entropy[3];
  sigmoids_and_entropies(z, 3, sigmoid, entropy);
  EXPECT_TRUE(std::isnan(sigmoid[0]) && std::isnan(entropy[0]));
  EXPECT_EQ(sigmoid[1], 1);
  EXPECT_EQ(entropy[1], infinity);
  EXPECT_LT(sigmoid[2], 1e-37);
  EXPECT_LT(entropy[2], 1e-37);
}

}  // namespace
}  // namespace strata
