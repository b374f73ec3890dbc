#include "distributed/sync_batch_norm.h"

#include "base/error.h"
#include "distributed/batch_norm_loops.h"
#include "models/norm_with_relu.h"
#include "tensors.h"

#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>

#include <ATen/Parallel.h>

#include <atomic>
#include <functional>
#include <limits>

namespace strata {
namespace {

using namespace strata::testing;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// One training pass with gradients.
struct Pass {
  torch::Tensor y, dx;
};

template <typename Norm>
Pass run(Norm& norm, const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW) {
  const torch::Tensor x = x_NCHW.clone().requires_grad_();
  const torch::Tensor y = norm.forward(x);
  y.backward(dy_NCHW);
  return {y.detach(), x.grad()};
}

struct AnyNorm {
  torch::nn::AnyModule module;
  torch::Tensor forward(const torch::Tensor& x_NCHW) { return module.forward(x_NCHW); }
};

AnyNorm synchronised(const Communicator& comm, int64_t channels, torch::ScalarType type = torch::kFloat64) {
  AnyNorm norm{synchronised_batch_norm(comm)(channels)};
  norm.module.ptr()->to(type);
  set_by_rule(*norm.module.ptr());
  return norm;
}

torch::nn::BatchNorm2d whole(int64_t channels) {
  torch::nn::BatchNorm2d norm(channels);
  norm->to(torch::kFloat64);
  set_by_rule(*norm);
  return norm;
}

// Equality with BatchNorm2d over everybody's samples, two steps long; this rank has samples [begin, end).
void expect_as_whole(const Communicator& comm, const torch::Tensor& x_NCHW, int64_t begin, int64_t end, double tolerance) {
  const int64_t channels = x_NCHW.size(1);
  const torch::Tensor dy_NCHW = rule_tensor("dy", x_NCHW.sizes().vec());
  AnyNorm norm = synchronised(comm, channels, x_NCHW.scalar_type());
  torch::nn::BatchNorm2d reference = whole(channels);
  for (int step = 0; step < 2; ++step) {
    const auto memory = step == 0 ? torch::MemoryFormat::Contiguous : torch::MemoryFormat::ChannelsLast;
    const torch::Tensor own_x = x_NCHW.slice(0, begin, end).contiguous(memory),
                        own_dy = dy_NCHW.slice(0, begin, end).to(x_NCHW.scalar_type());
    const Pass actual = run(norm, own_x, own_dy.contiguous(memory));
    const Pass expected = run(*reference, x_NCHW.to(torch::kFloat64), dy_NCHW);
    expect_near(actual.y, expected.y.slice(0, begin, end), tolerance, "y");
    expect_near(actual.dx, expected.dx.slice(0, begin, end), tolerance, "dx");
  }
  for (const auto& parameter : norm.module.ptr()->named_parameters()) {
    expect_near(sum_over_ranks(parameter->grad(), comm), reference->named_parameters()[parameter.key()].grad(), 100 * tolerance,
                parameter.key());
  }
  for (const auto& buffer : norm.module.ptr()->named_buffers()) {
    expect_near(*buffer, reference->named_buffers()[buffer.key()], tolerance, buffer.key());
  }
}

TEST(SyncBatchNorm, EqualsBatchNorm2dOverTheSamplesOfAllRanks) {
  const Communicator world = Communicator::world();
  const torch::Tensor x_NCHW = 3 * rule_tensor("x", {6, 5, 7, 3}) + 2;
  const int64_t per_rank = 6 / world.size();
  expect_as_whole(world, x_NCHW, per_rank * world.rank(), per_rank * (world.rank() + 1), 1e-12);
}

TEST(SyncBatchNorm, WeighsRanksByTheirNumberOfPixels) {
  const Communicator world = Communicator::world();
  const int64_t rank = world.rank(), size = world.size();  // rank r has r + 1 samples
  const torch::Tensor x_NCHW = rule_tensor("unequal", {size * (size + 1) / 2, 4, 3, 3});
  expect_as_whole(world, x_NCHW, rank * (rank + 1) / 2, (rank + 1) * (rank + 2) / 2, 1e-12);
}

// Rows of the loops hold several pixels, or one; every rest is met.
TEST(SyncBatchNorm, IsRightForAnyNumberOfChannelsAndPixels) {
  for (const int64_t channels : {1, 2, 3, 16, 18, 19, 36, 48, 128, 150, 720}) {
    for (const int64_t width : {2, 5, 33}) {
      const torch::Tensor x_NCHW = rule_tensor("x", {2, channels, 3, width});
      expect_as_whole(Communicator(), x_NCHW, 0, 2, 1e-12);
    }
  }
}

TEST(SyncBatchNorm, IsRightForTensorsOfManySlabs) {
  const Communicator world = Communicator::world();
  const torch::Tensor x_NCHW = rule_tensor("large", {6, 20, 61, 67});
  const int64_t per_rank = 6 / world.size();
  expect_as_whole(world, x_NCHW, per_rank * world.rank(), per_rank * (world.rank() + 1), 1e-12);
}

TEST(SyncBatchNorm, KeepsFloatPrecisionWhereTheMeanIsFarFromZero) {
  const Communicator world = Communicator::world();
  const torch::Tensor x_NCHW = (rule_tensor("x", {6, 3, 16, 16}) + 300).to(torch::kFloat32);  // |mean| is 500 standard deviations
  AnyNorm norm = synchronised(world, 3, torch::kFloat32);
  const int64_t per_rank = 6 / world.size();
  norm.forward(x_NCHW.slice(0, per_rank * world.rank(), per_rank * (world.rank() + 1)));
  const torch::Tensor variance = x_NCHW.to(torch::kFloat64).var({0, 2, 3}, /*unbiased=*/true);
  const torch::Tensor found = (norm.module.ptr()->named_buffers()["running_var"].to(torch::kFloat64) - 0.9) / 0.1;
  expect_near(found / variance, torch::ones({3}), 1e-5, "variance");
}

TEST(SyncBatchNorm, FloatDiffersFromDoubleByRoundingOnly) {
  expect_as_whole(Communicator(), rule_tensor("x", {3, 18, 20, 21}, torch::kFloat32), 0, 3, 2e-5);
}

// As autocast makes them: 16 bits come and go, the norm itself is as wide as ever.
TEST(SyncBatchNorm, TakesSixteenBitsWithStatisticsAndParametersInFloat) {
  const Communicator world = Communicator::world();
  const int64_t per_rank = 6 / world.size(), begin = per_rank * world.rank(), end = begin + per_rank;
  for (const auto& [type, rounding] : {std::pair(torch::kBFloat16, 0x1p-8), std::pair(torch::kHalf, 0x1p-11)}) {
    for (const int64_t channels : {3, 19, 48}) {
      const torch::Tensor x_NCHW = (3 * rule_tensor("x", {6, channels, 7, 5}) + 40).to(type),
                          dy_NCHW = rule_tensor("dy", {6, channels, 7, 5}).to(type);
      AnyNorm norm = synchronised(world, channels, torch::kFloat32);
      torch::nn::BatchNorm2d reference = whole(channels);
      const Pass actual = run(norm, x_NCHW.slice(0, begin, end), dy_NCHW.slice(0, begin, end));
      const Pass expected = run(*reference, x_NCHW.to(torch::kFloat64), dy_NCHW.to(torch::kFloat64));
      EXPECT_EQ(actual.y.scalar_type(), type);
      EXPECT_EQ(actual.dx.scalar_type(), type);
      const auto largest = [](const torch::Tensor& tensor) { return tensor.abs().max().item<double>(); };
      expect_near(actual.y.to(torch::kFloat64), expected.y.slice(0, begin, end), rounding * largest(expected.y), "y");
      expect_near(actual.dx.to(torch::kFloat64), expected.dx.slice(0, begin, end), rounding * largest(expected.dx), "dx");
      for (const auto& parameter : norm.module.ptr()->named_parameters()) {
        EXPECT_EQ(parameter->grad().scalar_type(), torch::kFloat32);
        expect_near(sum_over_ranks(parameter->grad(), world), reference->named_parameters()[parameter.key()].grad(), 1e-4,
                    parameter.key());
      }
      for (const auto& buffer : norm.module.ptr()->named_buffers()) {
        expect_near(*buffer, reference->named_buffers()[buffer.key()], 1e-5, buffer.key());
      }
    }
  }
}

TEST(SyncBatchNorm, RoundsToTheNearestBfloat16AndKeepsWhatIsNotANumber) {
  const float largest = std::numeric_limits<float>::max(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const float value : {0.0f, 1.0f, -1.00390625f, 1.01171875f, 3.1415927f, -2e-39f, largest, -largest, 1 / 0.0f, nan}) {
    c10::BFloat16 ours;
    store(value, ours);
    EXPECT_EQ(ours.x, c10::BFloat16(value).x) << value;
  }
}

TEST(SyncBatchNorm, TakesStatisticsOverItsOwnGroupOnly) {
  const Communicator world = Communicator::world();
  const Communicator alone = world.split(world.rank());
  const torch::Tensor x_NCHW = rule_tensor("x" + std::to_string(world.rank()), {2, 3, 4, 4});
  expect_as_whole(alone, x_NCHW, 0, 2, 1e-12);
}

TEST(SyncBatchNorm, IsLocalInEvalMode) {
  const Communicator world = Communicator::world();
  AnyNorm norm = synchronised(world, 3);
  torch::nn::BatchNorm2d reference = whole(3);
  norm.module.ptr()->eval();
  reference->eval();
  const torch::Tensor x_NCHW = rule_tensor("x", {2, 3, 4, 4});
  if (world.is_root()) expect_near(norm.forward(x_NCHW), reference(x_NCHW), 1e-12, "y");  // the other ranks are not asked
  EXPECT_EQ(norm.module.ptr()->named_buffers()["num_batches_tracked"].item<int64_t>(), 0);
}

TEST(SyncBatchNorm, HasTheNamesOfBatchNorm2d) {
  const AnyNorm norm = synchronised(Communicator(), 3);
  const torch::nn::BatchNorm2d reference(3);
  EXPECT_EQ(norm.module.ptr()->named_parameters().keys(), reference->named_parameters().keys());
  EXPECT_EQ(norm.module.ptr()->named_buffers().keys(), reference->named_buffers().keys());
}

// at::parallel_for is a template: compiled without OpenMP it takes one thread, and nothing says so.
TEST(SyncBatchNorm, IsCompiledForSeveralThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  std::atomic<int> parts = 0;
  at::parallel_for(0, 2, 1, [&](int64_t, int64_t) { ++parts; });
  at::set_num_threads(threads);
  EXPECT_EQ(parts, 2);
}

TEST(SyncBatchNorm, GivesTheSameBitsForAnyNumberOfThreads) {
  const torch::Tensor x_NCHW = rule_tensor("x", {4, 18, 64, 64}, torch::kFloat32),
                      dy_NCHW = rule_tensor("dy", {4, 18, 64, 64}, torch::kFloat32);
  const int threads = at::get_num_threads();
  std::vector<std::string> results;
  for (const int n : {1, 3}) {
    at::set_num_threads(n);
    AnyNorm norm = synchronised(Communicator(), 18, torch::kFloat32);
    const Pass pass = run(norm, x_NCHW, dy_NCHW);
    results.push_back(bits(pass.y) + bits(pass.dx) + gradient_bits(*norm.module.ptr()));
  }
  at::set_num_threads(threads);
  EXPECT_EQ(results[0], results[1]);
}

// The ReLU taken along gives the bits of a ReLU of its own, forward and backward.
// Bits of the output and of all gradients of `pass(norm, x, residual)`, which is the same for along = true and false.
void expect_same_bits(const std::function<torch::Tensor(AnyNorm&, const torch::Tensor&, const torch::Tensor&, bool)>& pass) {
  for (const torch::ScalarType type : {torch::kFloat32, torch::kFloat64, torch::kBFloat16}) {
    for (const int64_t channels : {1, 3, 19, 48, 150}) {
      const auto leaf = [&](const char* name) {
        return rule_tensor(name, {2, channels, 9, 11}).to(type).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
      };
      const auto outcome = [&](bool along) {
        AnyNorm norm = synchronised(Communicator(), channels, type == torch::kFloat64 ? type : torch::kFloat32);
        const torch::Tensor x = leaf("x"), residual = leaf("residual"), y = pass(norm, x, residual, along);
        y.backward(rule_tensor("dy", {2, channels, 9, 11}).to(type));
        EXPECT_GT((y == 0).sum().item<int64_t>(), 0);
        const torch::Tensor dresidual = residual.grad().defined() ? residual.grad() : torch::zeros({1});
        return bits(y) + bits(x.grad()) + bits(dresidual) + gradient_bits(*norm.module.ptr());
      };
      EXPECT_TRUE(outcome(true) == outcome(false)) << channels << " channels of " << type;
    }
  }
}

NormWithRelu& with_relu(const AnyNorm& norm) { return dynamic_cast<NormWithRelu&>(*norm.module.ptr()); }

TEST(SyncBatchNorm, TakesAReluAlongWithoutAnotherBit) {
  expect_same_bits([](AnyNorm& norm, const torch::Tensor& x, const torch::Tensor&, bool along) {
    return along ? with_relu(norm).relu(x) : norm.forward(x).relu_();
  });
}

TEST(SyncBatchNorm, TakesAResidualAndAReluAlongWithoutAnotherBit) {
  expect_same_bits([](AnyNorm& norm, const torch::Tensor& x, const torch::Tensor& residual, bool along) {
    return along ? with_relu(norm).add_relu(x, residual) : (norm.forward(x) += residual).relu_();
  });
}

TEST(SyncBatchNorm, RefusesASingleValuePerChannelInTraining) {
  AnyNorm norm = synchronised(Communicator(), 3);
  EXPECT_THAT(
      [&] {
        norm.forward(torch::ones({1, 3, 1, 1}, torch::kFloat64));
      },
      ThrowsMessage<ConfigError>(HasSubstr("single value")));
}

TEST(SyncBatchNorm, NamesChannelsThatDoNotFit) {
  AnyNorm norm = synchronised(Communicator(), 3);
  EXPECT_THAT(
      [&] {
        norm.forward(torch::ones({1, 4, 2, 2}, torch::kFloat64));
      },
      ThrowsMessage<c10::Error>(HasSubstr("of 3 channels")));
}

}  // namespace
}  // namespace strata
