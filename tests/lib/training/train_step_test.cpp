// Steps on several ranks against one process with the whole batch.

#include "training/train_step.h"

#include "distributed/sync_batch_norm.h"
#include "lib/models/small_model.h"
#include "lib/training/tiny_network.h"

#include <gmock/gmock.h>
#include <torch/nn/modules/normalization.h>

#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr int kGlobalBatch = 6, kSize = 12, kIgnore = 255;

// Samples first .. first + count of step `step`; some have few valid pixels, one has none.
Batch samples_of(int step, int first, int count) {
  Batch batch;
  std::vector<torch::Tensor> images, labels;
  for (int i = first; i < first + count; ++i) {
    torch::manual_seed(100 * step + i);
    images.push_back(torch::randint(256, {3, kSize, kSize}, torch::kUInt8));
    torch::Tensor label = torch::randint(3, {kSize, kSize}, torch::kLong);
    label.slice(0, kSize - 2 * i).fill_(kIgnore);
    if (i == 3) label.fill_(kIgnore);
    labels.push_back(label);
    batch.positions.push_back(static_cast<uint64_t>(i));
  }
  batch.images_NCHW = torch::stack(images);
  batch.labels_NHW = torch::stack(labels);
  return batch;
}

struct Trained {
  std::shared_ptr<testing::TinyNetwork> model;
  std::vector<StepOutcome> outcomes;
};

Trained train(const Communicator& comm, BatchRequest request, const LossOptions& loss,
              const OptimizerOptions& optimizer_options = {}, NormFactory norm = {}) {
  request.global_batch = kGlobalBatch;
  const BatchPlan plan = plan_batch(request, comm.size());
  if (!norm) norm = synchronised_batch_norm(norm_communicator(plan, comm));
  Trained trained{std::make_shared<testing::TinyNetwork>(norm), {}};
  trained.model->train();
  auto optimizer = make_optimizer(optimizer_options, *trained.model);
  TrainStep step(*trained.model, *optimizer, {plan, loss, 3, kIgnore, optimizer_options.clip_norm}, comm, torch::kCPU);
  for (int i = 0; i < 3; ++i) {
    trained.outcomes.push_back(step.run(samples_of(i, comm.rank() * plan.per_rank, plan.per_rank), 0, 0.05));
  }
  return trained;
}

void expect_equal(const Trained& many, const Trained& one) {
  for (size_t i = 0; i < one.outcomes.size(); ++i) {
    EXPECT_NEAR(many.outcomes[i].loss, one.outcomes[i].loss, 2e-4) << "step " << i;
    EXPECT_NEAR(many.outcomes[i].gradient_norm, one.outcomes[i].gradient_norm, 2e-4 * (1 + one.outcomes[i].gradient_norm))
        << "step " << i;
  }
  const NamedTensors expected = state_of(*one.model), found = state_of(*many.model);
  for (const auto& [name, tensor] : expected.tensors) {
    EXPECT_TRUE(torch::allclose(*found.find(name), tensor, 1e-3, 1e-4)) << name << "\n" << *found.find(name) << "\n" << tensor;
  }
}

LossOptions loss_of(LossOptions::Name name) {
  LossOptions loss;
  loss.name = name;
  loss.supervised_mscale_weight = 0.05;
  loss.hard_pixels = {.threshold = 0.3, .keep = 20};
  return loss;
}

// Each loss, and each of its forms that looks at more than a pixel.
std::vector<LossOptions> every_loss() {
  using Name = LossOptions::Name;
  std::vector<LossOptions> losses;
  for (const Name name : {Name::kCrossEntropy, Name::kRmi, Name::kImageWeighted, Name::kRelaxedBorder, Name::kHardPixels}) {
    losses.push_back(loss_of(name));
  }
  for (const Name name : {Name::kCrossEntropy, Name::kHardPixels}) {
    losses.push_back(loss_of(name));
    losses.back().class_weights = {0.5, 1, 3};
  }
  for (const auto source : {ImageWeightOptions::Source::kImage, ImageWeightOptions::Source::kReference}) {
    losses.push_back(loss_of(Name::kImageWeighted));
    losses.back().image_weights.source = source;
  }
  return losses;
}

TEST(TrainStep, RanksTogetherEqualOneProcessWhateverTheLabels) {
  for (const LossOptions& loss : every_loss()) {
    SCOPED_TRACE(static_cast<int>(loss.name));
    expect_equal(train(Communicator::world(), {}, loss), train(Communicator(), {}, loss));
  }
}

// With a norm that looks at one sample only, so that nothing but the loss and the optimiser sees the batch.
TEST(TrainStep, AccumulatedSamplesEqualTheWholeBatchAtOnce) {
  const NormFactory norm = [](int64_t channels) { return NormModule(torch::nn::GroupNorm(1, channels)); };
  for (const LossOptions& loss : every_loss()) {
    SCOPED_TRACE(static_cast<int>(loss.name));
    expect_equal(train(Communicator::world(), {.micro_batch = 1, .norm_group = 1}, loss, {}, norm),
                 train(Communicator(), {}, loss, {}, norm));
  }
}

OptimizerOptions adaptive(OptimizerOptions::Name name) {
  OptimizerOptions options;
  options.name = name;
  options.eps = 1e-2;  // a gradient that is 0 but for rounding stays so
  options.clip_norm = 0.5;
  options.decay_norms_and_biases = false;
  options.ema = 0.9;
  return options;
}

TEST(TrainStep, RanksTogetherEqualOneProcessWithEachOptimizer) {
  const LossOptions loss = loss_of(LossOptions::Name::kCrossEntropy);
  for (const auto name : {OptimizerOptions::Name::kSgd, OptimizerOptions::Name::kAdam, OptimizerOptions::Name::kRadam}) {
    expect_equal(train(Communicator::world(), {}, loss, adaptive(name)), train(Communicator(), {}, loss, adaptive(name)));
  }
}

TEST(TrainStep, AGradientLongerThanTheLimitIsCutToItOverAllParameters) {
  OptimizerOptions options;
  options.weight_decay = 0;
  options.momentum = 0;
  const auto moved_by = [&](double clip_norm) {
    options.clip_norm = clip_norm;
    const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, 1);
    testing::TinyNetwork model(local_batch_norm());
    model.train();
    std::vector<torch::Tensor> before;
    for (const auto& parameter : model.parameters()) before.push_back(parameter.detach().clone());
    auto optimizer = make_optimizer(options, model);
    TrainStep step(model, *optimizer, {plan, loss_of(LossOptions::Name::kCrossEntropy), 3, kIgnore, clip_norm}, {}, torch::kCPU);
    const double norm = step.run(samples_of(0, 0, kGlobalBatch), 0, 1.0).gradient_norm;
    double squares = 0;
    for (size_t i = 0; i < before.size(); ++i) squares += (model.parameters()[i] - before[i]).pow(2).sum().item<double>();
    return std::pair(std::sqrt(squares), norm);
  };
  const auto [free, norm] = moved_by(0);
  EXPECT_NEAR(free, norm, 1e-4 * norm);
  const auto [cut, same_norm] = moved_by(norm / 4);
  EXPECT_NEAR(cut, norm / 4, 1e-4 * norm);
  EXPECT_EQ(same_norm, norm);  // what is reported is the gradient's own
  EXPECT_EQ(moved_by(norm * 2).first, free);
}

TEST(TrainStep, ASkippedStepLeavesTheAverageOfWeightsAsItWas) {
  const Communicator world = Communicator::world();
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, world.size());
  testing::TinyNetwork model(synchronised_batch_norm(norm_communicator(plan, world)));
  model.train();
  auto optimizer = make_optimizer(adaptive(OptimizerOptions::Name::kAdam), model);
  TrainStep step(model, *optimizer, {plan, loss_of(LossOptions::Name::kCrossEntropy), 3, kIgnore}, world, torch::kCPU);
  const auto run = [&](int number) {
    return step.run(samples_of(number, world.rank() * plan.per_rank, plan.per_rank), 0, 0.05).skipped;
  };
  ASSERT_FALSE(run(0));
  NamedTensors before = optimizer->state();
  for (auto& [name, tensor] : before.tensors) tensor = tensor.clone();
  torch::Tensor bias = model.named_parameters()["main.bias"];
  {
    torch::NoGradGuard no_grad;
    bias.fill_(std::numeric_limits<float>::infinity());
  }
  ASSERT_TRUE(run(1));
  const NamedTensors after = optimizer->state();
  for (const auto& [name, tensor] : before.tensors) EXPECT_TRUE(torch::equal(*after.find(name), tensor)) << name;
}

TEST(TrainStep, NormGroupsOfTwoAreTheSameGroupsOnAnyNumberOfRanks) {
  if (Communicator::world().size() == 2) return;  // groups of 2 straddle ranks of 3 samples
  const LossOptions loss = loss_of(LossOptions::Name::kCrossEntropy);
  expect_equal(train(Communicator::world(), {.norm_group = 2}, loss), train(Communicator(), {.norm_group = 2}, loss));
}

TEST(TrainStep, SingleSampleGroupsAccumulateToTheSameWeights) {
  const LossOptions loss = loss_of(LossOptions::Name::kRmi);
  expect_equal(train(Communicator::world(), {.micro_batch = 1, .norm_group = 1}, loss),
               train(Communicator(), {.micro_batch = 1, .norm_group = 1}, loss));
}

TEST(TrainStep, EveryRankHoldsTheSameBits) {
  const Communicator world = Communicator::world();
  const Trained trained = train(world, {.micro_batch = 1, .norm_group = 1}, loss_of(LossOptions::Name::kRmi));
  for (const auto& [name, tensor] : state_of(*trained.model).tensors) {
    const torch::Tensor bytes = tensor.contiguous().reshape({-1}).view(torch::kUInt8);
    const std::string own(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes());
    EXPECT_EQ(own, world.broadcast(own)) << name;
  }
}

TEST(TrainStep, PerRankNormalisationIsTheMeanOfTheRanksOwnLosses) {
  const Communicator world = Communicator::world();
  LossOptions loss = loss_of(LossOptions::Name::kCrossEntropy);
  const BatchRequest request{.global_batch = kGlobalBatch, .micro_batch = 1, .norm_group = 1};
  const BatchPlan plan = plan_batch(request, world.size());
  const auto first_loss = [&](const Communicator& comm, const BatchPlan& p) {
    testing::TinyNetwork model(local_batch_norm());
    model.train();
    auto optimizer = make_optimizer({}, model);
    return TrainStep(model, *optimizer, {p, loss, 3, kIgnore}, comm, torch::kCPU)
        .run(samples_of(0, world.rank() * plan.per_rank, plan.per_rank), 0, 0.05)
        .loss;
  };
  BatchPlan alone = plan;
  alone.ranks = 1;
  const double own = first_loss(Communicator(), alone);
  loss.normalisation = LossOptions::Normalisation::kPerRank;
  EXPECT_NEAR(first_loss(world, plan), world.sum(own) / world.size(), 1e-6);
}

TEST(TrainStep, AStepWithANonFiniteLossOnOneRankIsSkippedOnAll) {
  const Communicator world = Communicator::world();
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch, .micro_batch = 1, .norm_group = 1}, world.size());
  testing::TinyNetwork model(synchronised_batch_norm({}));
  model.train();
  auto optimizer = make_optimizer({}, model);
  TrainStep step(model, *optimizer, {plan, loss_of(LossOptions::Name::kCrossEntropy), 3, kIgnore}, world, torch::kCPU);
  const auto batch = [&](int number) { return samples_of(number, world.rank() * plan.per_rank, plan.per_rank); };
  ASSERT_FALSE(step.run(batch(0), 0, 0.05).skipped);
  const auto copy_of = [&] {
    NamedTensors state = state_of(model);
    for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
    return state;
  };
  const NamedTensors before = copy_of();
  torch::Tensor weight = model.named_parameters()["main.weight"];
  const torch::Tensor good = weight.detach().clone();
  {
    torch::NoGradGuard no_grad;
    if (world.rank() == world.size() - 1) weight.fill_(std::numeric_limits<float>::quiet_NaN());
  }
  EXPECT_TRUE(step.run(batch(1), 0, 0.05).skipped);
  {
    torch::NoGradGuard no_grad;
    weight.copy_(good);
  }
  for (const auto& [name, tensor] : before.tensors) EXPECT_TRUE(torch::equal(*state_of(model).find(name), tensor)) << name;
  EXPECT_FALSE(step.run(batch(1), 0, 0.05).skipped);
}

// Bits of parameters, gradients of the last step and running statistics of a small network of two scales.
std::string bits_after_training(const Communicator& world, Precision precision, Activations activations) {
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, world.size());
  ModelOptions network = testing::small_options();
  network.num_classes = 3;
  const auto model = make_model(network, synchronised_batch_norm(norm_communicator(plan, world)));
  model->train();
  auto optimizer = make_optimizer({}, *model);
  TrainStep step(*model, *optimizer,
                 {.plan = plan,
                  .loss = loss_of(LossOptions::Name::kCrossEntropy),
                  .num_classes = 3,
                  .precision = precision,
                  .activations = activations},
                 world, torch::kCPU);
  std::string all;
  for (int i = 0; i < 2; ++i) {
    Batch batch = samples_of(i, world.rank() * plan.per_rank, plan.per_rank);
    batch.images_NCHW = batch.images_NCHW.repeat({1, 1, 4, 4});
    batch.labels_NHW = batch.labels_NHW.repeat({1, 4, 4});
    const StepOutcome outcome = step.run(batch, 0, 0.05);
    EXPECT_FALSE(outcome.skipped);
    all += std::to_string(outcome.loss) + " " + std::to_string(outcome.gradient_norm) + " ";
  }
  for (const auto& [name, tensor] : state_of(*model).tensors) {
    const torch::Tensor bytes = tensor.contiguous().reshape({-1}).view(torch::kUInt8);
    all.append(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes());
  }
  return all;
}

TEST(TrainStep, RecomputedActivationsGiveTheSameBitsOnAnyNumberOfRanks) {
  const Communicator world = Communicator::world();
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    EXPECT_EQ(bits_after_training(world, precision, Activations::kRecomputed),
              bits_after_training(world, precision, Activations::kKept));
  }
}

// Three steps of the tiny network in another precision.
Trained train_in(Precision precision, const Communicator& comm, std::optional<LossScale> scale = {}, double clip_norm = 0) {
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, comm.size());
  Trained trained{std::make_shared<testing::TinyNetwork>(synchronised_batch_norm(norm_communicator(plan, comm))), {}};
  trained.model->train();
  auto optimizer = make_optimizer({}, *trained.model);
  TrainStep step(*trained.model, *optimizer,
                 {.plan = plan,
                  .loss = loss_of(LossOptions::Name::kRmi),
                  .num_classes = 3,
                  .clip_norm = clip_norm,
                  .precision = precision,
                  .loss_scale = scale},
                 comm, torch::kCPU);
  for (int i = 0; i < 3; ++i) {
    trained.outcomes.push_back(step.run(samples_of(i, comm.rank() * plan.per_rank, plan.per_rank), 0, 0.05));
  }
  return trained;
}

TEST(TrainStep, InSixteenBitsLearnsWhatItDoesInFp32ButForRounding) {
  const Communicator world = Communicator::world();
  for (const double clip_norm : {0.0, 0.5}) {
    const Trained exact = train_in(Precision::kFp32, world, {}, clip_norm);
    for (const auto& [precision, rounding] : {std::pair(Precision::kBf16, 0.02), std::pair(Precision::kFp16, 0.004)}) {
      const Trained found = train_in(precision, world, {}, clip_norm);
      bool differs = false;
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(found.outcomes[i].loss, exact.outcomes[i].loss, rounding * (1 + std::abs(exact.outcomes[i].loss)));
        EXPECT_NEAR(found.outcomes[i].gradient_norm, exact.outcomes[i].gradient_norm,
                    5 * rounding * (1 + exact.outcomes[i].gradient_norm));
        EXPECT_FALSE(found.outcomes[i].skipped);
        differs |= found.outcomes[i].loss != exact.outcomes[i].loss;
      }
      EXPECT_TRUE(differs) << "nothing was rounded";
      for (const torch::Tensor& parameter : found.model->parameters()) EXPECT_EQ(parameter.scalar_type(), torch::kFloat32);
    }
  }
}

TEST(TrainStep, TheLossScaleChangesNoBitWhereNothingOverflowsOrVanishes) {
  const Communicator world = Communicator::world();
  const Trained one = train_in(Precision::kFp16, world, LossScale{1024}, 0.5),
                other = train_in(Precision::kFp16, world, LossScale{1024}, 0.5);
  for (const auto& [name, tensor] : state_of(*one.model).tensors) {
    EXPECT_TRUE(torch::equal(tensor, *state_of(*other.model).find(name))) << name;
  }
  const Trained unscaled = train_in(Precision::kFp16, world, LossScale{1}, 0.5);
  EXPECT_NEAR(one.outcomes[2].gradient_norm, unscaled.outcomes[2].gradient_norm, 2e-3 * unscaled.outcomes[2].gradient_norm);
}

TEST(TrainStep, AnOverflowInFp16SkipsTheStepOnAllRanksAndHalvesTheScale) {
  const Communicator world = Communicator::world();
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, world.size());
  testing::TinyNetwork model(synchronised_batch_norm(norm_communicator(plan, world)));
  model.train();
  auto optimizer = make_optimizer({}, model);
  TrainStep step(model, *optimizer,
                 {.plan = plan,
                  .loss = loss_of(LossOptions::Name::kCrossEntropy),
                  .num_classes = 3,
                  .precision = Precision::kFp16,
                  .loss_scale = LossScale{0x1p30, 7}},
                 world, torch::kCPU);
  NamedTensors before = state_of(model);
  for (auto& [name, tensor] : before.tensors) tensor = tensor.clone();
  const StepOutcome outcome = step.run(samples_of(0, world.rank() * plan.per_rank, plan.per_rank), 0, 0.05);
  EXPECT_TRUE(outcome.skipped);
  EXPECT_TRUE(outcome.overflowed);
  EXPECT_TRUE(std::isfinite(outcome.loss));
  EXPECT_EQ(step.loss_scale(), (LossScale{0x1p29, 0}));
  for (const auto& [name, tensor] : before.tensors) EXPECT_TRUE(torch::equal(*state_of(model).find(name), tensor)) << name;
}

TEST(TrainStep, HasNoLossScaleButInFp16) {
  const BatchPlan plan = plan_batch({.global_batch = kGlobalBatch}, 1);
  testing::TinyNetwork model(local_batch_norm());
  auto optimizer = make_optimizer({}, model);
  const TrainStep step(model, *optimizer, {.plan = plan, .precision = Precision::kBf16}, {}, torch::kCPU);
  EXPECT_EQ(step.loss_scale(), std::nullopt);
}

}  // namespace
}  // namespace strata
