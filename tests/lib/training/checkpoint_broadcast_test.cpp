#include "training/checkpoint_broadcast.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(CheckpointBroadcast, GivesEveryRankWhatRootHas) {
  const Communicator world = Communicator::world();
  std::optional<Checkpoint> checkpoint;
  if (world.is_root()) {
    checkpoint.emplace();
    checkpoint->generation = 7;
    checkpoint->model.tensors = {{"weight", torch::arange(6, torch::kFloat).reshape({2, 3}).t()},
                                 {"count", torch::tensor(5, torch::kLong)}};
    checkpoint->state = {{"step", 3}};
  }
  const auto received = broadcast_checkpoint(std::move(checkpoint), world);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->generation, 7u);
  EXPECT_EQ(received->state.at("step"), 3);
  EXPECT_TRUE(torch::equal(*received->model.find("weight"), torch::arange(6, torch::kFloat).reshape({2, 3}).t()));
  EXPECT_EQ(received->model.find("count")->item<int64_t>(), 5);
  EXPECT_EQ(received->model.find("count")->dim(), 0);
  EXPECT_TRUE(received->optimizer.tensors.empty());
}

TEST(CheckpointBroadcast, OfNothingIsNothingEverywhere) {
  EXPECT_FALSE(broadcast_checkpoint(std::nullopt, Communicator::world()));
}

}  // namespace
}  // namespace strata
