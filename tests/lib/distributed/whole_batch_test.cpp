// Ranks with reduced gradients and synchronised batch norm are one process with the whole batch, whatever the labels.

#include "distributed/batch_plan.h"
#include "distributed/gradient_reducer.h"
#include "distributed/sync_batch_norm.h"
#include "tensors.h"

#include <gmock/gmock.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

namespace strata {
namespace {

using namespace strata::testing;
using ::testing::Each;

constexpr int64_t kIgnored = 255, kClasses = 4, kBatch = 12;

struct Net : torch::nn::Module {
  torch::nn::Sequential layers{nullptr};
  Net(const std::function<torch::nn::AnyModule(int64_t)>& norm, torch::ScalarType type) {
    const auto conv = [](int64_t from, int64_t to, int64_t stride) {
      return torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 3).stride(stride).padding(1).bias(false));
    };
    layers = torch::nn::Sequential(conv(3, 6, 1));
    layers->push_back(norm(6));
    layers->push_back(torch::nn::ReLU(torch::nn::ReLUOptions(true)));
    layers->push_back(conv(6, 9, 1));
    layers->push_back(norm(9));
    layers->push_back(torch::nn::ReLU(torch::nn::ReLUOptions(true)));
    layers->push_back(torch::nn::Conv2d(9, kClasses, 1));
    register_module("layers", layers);
    to(type);
    set_by_rule(*this);
  }
};

torch::nn::AnyModule local_norm(int64_t channels) { return torch::nn::AnyModule(torch::nn::BatchNorm2d(channels)); }

// Four samples each with 0 %, 60 % and 100 % ignored pixels: with three ranks, one of them has none to learn from.
torch::Tensor labels_NHW() {
  torch::Tensor labels = ((rule_tensor("labels", {kBatch, 8, 10}) + 1) * (kClasses / 2.0)).to(torch::kLong);
  labels.slice(0, 4, 8).slice(2, 0, 6).fill_(kIgnored);
  labels.slice(0, 8, 12).fill_(kIgnored);
  return labels;
}

torch::Tensor cross_entropy_share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels, int64_t valid_pixels) {
  return at::nll_loss2d(logits_NCHW.log_softmax(1), labels, {}, at::Reduction::Sum, kIgnored) / static_cast<double>(valid_pixels);
}

int64_t valid_pixels(const torch::Tensor& labels) { return (labels != kIgnored).sum().item<int64_t>(); }

// `steps` steps of plain descent on this rank's part, forward passes as planned; the loss of the last one, over all ranks.
double train(Net& net, const BatchPlan& plan, const Communicator& comm, int steps) {
  const torch::Tensor images = rule_tensor("images", {kBatch, 3, 8, 10}, net.parameters()[0].scalar_type()),
                      labels = labels_NHW();
  GradientReducer reducer(net.parameters(), comm, {.first_bucket_bytes = 300, .bucket_bytes = 1000});
  const int64_t begin = int64_t{plan.per_rank} * comm.rank();
  double loss = 0;
  for (int step = 0; step < steps; ++step) {
    const BatchCounts counts = sum_over_ranks({valid_pixels(labels.slice(0, begin, begin + plan.per_rank)), plan.per_rank}, comm);
    EXPECT_EQ(counts.samples, kBatch);
    net.zero_grad();
    loss = 0;
    for (int forward = 0; forward < plan.forwards_per_step; ++forward) {
      const int64_t from = begin + forward * plan.forward_samples, to = from + plan.forward_samples;
      const torch::Tensor logits = net.layers->forward(images.slice(0, from, to));
      const torch::Tensor share = cross_entropy_share(logits, labels.slice(0, from, to), counts.valid_pixels);
      loss += share.item<double>();
      forward + 1 < plan.forwards_per_step ? reducer.accumulate(share) : reducer.backward(share);
    }
    const torch::NoGradGuard no_gradients;
    for (const torch::Tensor& parameter : net.parameters()) parameter.sub_(parameter.grad(), 0.1);
  }
  return comm.sum(loss);
}

void expect_ranks_equal_one_process(int norm_group) {
  const Communicator world = Communicator::world();
  const BatchPlan plan = plan_batch({.global_batch = kBatch, .norm_group = norm_group}, world.size());
  Net ranks(synchronised_batch_norm(norm_communicator(plan, world)), torch::kFloat64), one(local_norm, torch::kFloat64);
  const double loss = train(ranks, plan, world, 3);
  const double expected = train(one, plan_batch({.global_batch = kBatch, .norm_group = norm_group}, 1), Communicator(), 3);
  EXPECT_NEAR(loss, expected, 1e-12);
  for (const auto& parameter : ranks.named_parameters()) {
    expect_near(*parameter, one.named_parameters()[parameter.key()], 1e-10, parameter.key());
    expect_near(parameter->grad(), one.named_parameters()[parameter.key()].grad(), 1e-10, parameter.key() + ".grad");
  }
  if (plan.ranks_per_norm_group < world.size()) return;  // else ranks met groups of their own (training/norm_statistics.h)
  for (const auto& buffer : ranks.named_buffers()) expect_near(*buffer, one.named_buffers()[buffer.key()], 1e-10, buffer.key());
}

TEST(WholeBatch, IsWhatRanksTrainOnWhateverTheirLabels) { expect_ranks_equal_one_process(0); }

TEST(WholeBatch, IsTheSameInNormGroupsOfTwoSamples) { expect_ranks_equal_one_process(2); }

TEST(WholeBatch, GivesTheSameBitsInEveryRun) {
  const Communicator world = Communicator::world();
  const BatchPlan plan = plan_batch({.global_batch = kBatch}, world.size());
  const auto weights_after_training = [&] {
    Net net(synchronised_batch_norm(norm_communicator(plan, world)), torch::kFloat32);
    train(net, plan, world, 5);
    std::string all = gradient_bits(net);
    for (const torch::Tensor& parameter : net.parameters()) all += bits(parameter);
    for (const torch::Tensor& buffer : net.buffers()) all += bits(buffer);
    return all;
  };
  const std::string first = weights_after_training();
  for (int run = 0; run < 3; ++run) EXPECT_EQ(weights_after_training(), first);
  EXPECT_THAT(world.all_gather(first), Each(first));
}

}  // namespace
}  // namespace strata
