#include "distributed/gradient_reducer.h"

#include "base/error.h"
#include "tensors.h"

#include <gmock/gmock.h>
#include <torch/nn/modules/linear.h>

#include <chrono>
#include <thread>

namespace strata {
namespace {

using namespace strata::testing;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr ReducerOptions kBucketPerParameter{1, 1};

// Two linear maps: three parameters of 12, 8 and 2 values.
struct Net : torch::nn::Module {
  torch::nn::Linear first = register_module("first", torch::nn::Linear(torch::nn::LinearOptions(3, 4).bias(false)));
  torch::nn::Linear second = register_module("second", torch::nn::Linear(4, 2));
  explicit Net(torch::ScalarType type = torch::kFloat64) {
    to(type);
    set_by_rule(*this);
  }
  torch::Tensor hidden(const torch::Tensor& x) { return first(x).tanh(); }
  torch::Tensor share(const torch::Tensor& x) { return second(hidden(x)).square().sum(); }
};

torch::Tensor input(int rank, torch::ScalarType type = torch::kFloat64) {
  return rule_tensor("x" + std::to_string(rank), {5, 3}, type);
}

// What one process gets for all ranks' inputs.
std::vector<torch::Tensor> gradients_of_all(int ranks) {
  Net net;
  for (int rank = 0; rank < ranks; ++rank) net.share(input(rank)).backward();
  std::vector<torch::Tensor> result;
  for (const torch::Tensor& parameter : net.parameters()) result.push_back(parameter.grad());
  return result;
}

void expect_gradients(const Net& net, const std::vector<torch::Tensor>& expected, double tolerance) {
  const std::vector<torch::Tensor> parameters = net.parameters();
  for (size_t i = 0; i < parameters.size(); ++i)
    expect_near(parameters[i].grad(), expected[i], tolerance, "parameter " + std::to_string(i));
}

TEST(GradientReducer, AddsGradientsUpOverRanksWithoutAveraging) {
  const Communicator world = Communicator::world();
  for (const ReducerOptions& options : {ReducerOptions{}, kBucketPerParameter}) {
    Net net;
    GradientReducer reducer(net.parameters(), world, options);
    reducer.backward(net.share(input(world.rank())));
    expect_gradients(net, gradients_of_all(world.size()), 1e-12);
  }
}

TEST(GradientReducer, AddsFloatsUpAsFloats) {
  const Communicator world = Communicator::world();
  Net net(torch::kFloat32);
  GradientReducer reducer(net.parameters(), world, {});
  reducer.backward(net.share(input(world.rank(), torch::kFloat32)));
  expect_gradients(net, gradients_of_all(world.size()), 1e-4);
  EXPECT_EQ(net.parameters()[0].grad().scalar_type(), torch::kFloat32);
}

TEST(GradientReducer, OfASerialGroupJustRunsBackward) {
  Net net;
  GradientReducer reducer(net.parameters(), Communicator(), {});
  reducer.backward(net.share(input(0)));
  expect_gradients(net, gradients_of_all(1), 0.0);
  EXPECT_EQ(reducer.counters().messages, 0);
}

TEST(GradientReducer, SendsAccumulatedGradientsAlong) {
  const Communicator world = Communicator::world();
  Net net;
  GradientReducer reducer(net.parameters(), world, kBucketPerParameter);
  const torch::Tensor x = input(world.rank());
  for (int step = 0; step < 2; ++step) {  // the second starts from gradients that are views of buckets
    for (const torch::Tensor& parameter : net.parameters()) parameter.mutable_grad() = torch::Tensor();
    reducer.accumulate(net.share(x.slice(0, 0, 2)));
    reducer.accumulate(net.share(x.slice(0, 2, 3)));
    reducer.backward(net.share(x.slice(0, 3)));
    expect_gradients(net, gradients_of_all(world.size()), 1e-12);
  }
}

TEST(GradientReducer, TakesGradientsThatWereZeroedOrUndefinedBetweenSteps) {
  const Communicator world = Communicator::world();
  Net net;
  GradientReducer reducer(net.parameters(), world, {});
  for (const bool undefined : {false, true, false}) {
    net.zero_grad(undefined);
    reducer.backward(net.share(input(world.rank())));
    expect_gradients(net, gradients_of_all(world.size()), 1e-12);
  }
}

TEST(GradientReducer, SendsOneMessagePerBucketInEveryStep) {
  const Communicator world = Communicator::world();
  const int64_t sent = world.size() > 1;
  Net net;
  GradientReducer one_bucket(net.parameters(), world, {});
  for (int step = 1; step <= 3; ++step) {
    one_bucket.backward(net.share(input(world.rank())));
    EXPECT_EQ(one_bucket.counters().messages, sent * step);
    EXPECT_EQ(one_bucket.counters().bytes, sent * step * (12 + 8 + 2) * 8);
  }
  Net other;
  // The bias and the second weight (80 bytes) fill the first bucket.
  GradientReducer two_buckets(other.parameters(), world, {.first_bucket_bytes = 80, .bucket_bytes = 1000});
  two_buckets.backward(other.share(input(world.rank())));
  EXPECT_EQ(two_buckets.counters().messages, sent * 2);
}

// The backward pass stands still before the first layer's gradient until a message is done.
TEST(GradientReducer, CommunicatesWhileTheBackwardPassStillRuns) {
  const Communicator world = Communicator::world();
  Net net;
  GradientReducer reducer(net.parameters(), world, kBucketPerParameter);
  const torch::Tensor hidden = net.hidden(input(world.rank()));
  int64_t messages_during_backward = 0;
  hidden.register_hook([&](torch::Tensor) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(world.size() > 1 ? 20 : 0);
    while (reducer.counters().messages < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    messages_during_backward = reducer.counters().messages;
  });
  reducer.backward(net.second(hidden).square().sum());
  EXPECT_EQ(messages_during_backward, world.size() > 1 ? 2 : 0);  // bias and weight of the second layer, of three
}

TEST(GradientReducer, CountsTheTimeItWaitedForASlowRank) {
  const Communicator world = Communicator::world();
  Net net;
  GradientReducer reducer(net.parameters(), world, {});
  world.barrier();
  if (world.is_root()) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  reducer.backward(net.share(input(world.rank())));
  if (!world.is_root()) {
    EXPECT_GT(reducer.counters().waited_seconds, 0.1);
  }
}

TEST(GradientReducer, GivesTheSameBitsOnEveryRankAndInEveryRun) {
  const Communicator world = Communicator::world();
  const auto run = [&] {
    Net net(torch::kFloat32);
    GradientReducer reducer(net.parameters(), world, {.first_bucket_bytes = 40, .bucket_bytes = 40});
    std::string all;
    for (int step = 0; step < 3; ++step) {
      net.zero_grad();
      reducer.backward(net.share(input(world.rank() + 10 * step, torch::kFloat32)));
      all += gradient_bits(net);
    }
    return all;
  };
  const std::string first = run();
  EXPECT_EQ(run(), first);
  EXPECT_THAT(world.all_gather(first), Each(first));
}

TEST(GradientReducer, NamesAParameterThatGotNoGradient) {
  const Communicator world = Communicator::world();
  Net net;
  GradientReducer reducer(net.parameters(), world, {});
  const torch::Tensor share = net.hidden(input(world.rank())).sum();  // the second layer is not used
  if (world.size() == 1) {
    EXPECT_NO_THROW(reducer.backward(share));
  } else {
    EXPECT_THAT([&] { reducer.backward(share); }, ThrowsMessage<InternalError>(HasSubstr("parameter 1 of 3")));
  }
}

TEST(GradientReducer, RefusesParametersItCannotReduce) {
  const Communicator world = Communicator::world();
  const auto reduce = [&](const torch::Tensor& parameter) {
    return [&world, parameter] { GradientReducer({torch::ones({2}).requires_grad_(), parameter}, world, {}); };
  };
  EXPECT_THAT(reduce(torch::ones({2})), ThrowsMessage<InternalError>(HasSubstr("parameter 1 must take a gradient")));
  EXPECT_THAT(reduce(torch::ones({2}, torch::kHalf).requires_grad_()),
              ThrowsMessage<InternalError>(HasSubstr("float or double")));
}

}  // namespace
}  // namespace strata
