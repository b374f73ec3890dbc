#include "distributed/batch_plan.h"

#include "base/error.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(BatchPlan, GivesARankItsPartInOneForwardPassByDefault) {
  const BatchPlan plan = plan_batch({.global_batch = 12}, 3);
  EXPECT_EQ(plan.per_rank, 4);
  EXPECT_EQ(plan.forward_samples, 4);
  EXPECT_EQ(plan.forwards_per_step, 1);
  EXPECT_EQ(plan.ranks_per_norm_group, 3);
}

TEST(BatchPlan, RunsTheNormGroupsOfARankOneAfterAnother) {
  const BatchPlan plan = plan_batch({.global_batch = 16, .norm_group = 2}, 2);
  EXPECT_EQ(plan.per_rank, 8);
  EXPECT_EQ(plan.forward_samples, 2);
  EXPECT_EQ(plan.forwards_per_step, 4);
  EXPECT_EQ(plan.ranks_per_norm_group, 1);
}

TEST(BatchPlan, LetsNeighbouringRanksShareALargeNormGroup) {
  const BatchPlan plan = plan_batch({.global_batch = 16, .norm_group = 8}, 8);
  EXPECT_EQ(plan.forward_samples, 2);
  EXPECT_EQ(plan.forwards_per_step, 1);
  EXPECT_EQ(plan.ranks_per_norm_group, 4);
}

TEST(BatchPlan, NormGroupsAreTheSamePositionsForAnyNumberOfRanksThatIsAccepted) {
  int accepted = 0;
  for (int global_batch = 1; global_batch <= 24; ++global_batch) {
    for (int group = 1; group <= global_batch; ++group) {
      for (int ranks = 1; ranks <= global_batch; ++ranks) {
        BatchPlan plan;
        try {
          plan = plan_batch({.global_batch = global_batch, .norm_group = group}, ranks);
        } catch (const ConfigError&) {
          continue;
        }
        ++accepted;
        for (int rank = 0; rank < ranks; ++rank) {
          for (int forward = 0; forward < plan.forwards_per_step; ++forward) {
            const int first = rank * plan.per_rank + forward * plan.forward_samples, last = first + plan.forward_samples - 1;
            ASSERT_EQ(first / group, last / group) << "one group a forward pass";
            // The group is complete: its samples are those of ranks_per_norm_group ranks' forward passes.
            ASSERT_EQ(plan.forward_samples * plan.ranks_per_norm_group, group);
            ASSERT_EQ(
                first / group == (rank / plan.ranks_per_norm_group) * plan.ranks_per_norm_group * plan.per_rank / group + forward,
                true);
          }
        }
        ASSERT_EQ(plan.forward_samples * plan.forwards_per_step * ranks, global_batch);
      }
    }
  }
  EXPECT_GT(accepted, 300);
}

TEST(BatchPlan, NamesTheNumbersOfRanksThatDivideTheGlobalBatch) {
  EXPECT_THAT([] { plan_batch({.global_batch = 12}, 5); },
              ThrowsMessage<ConfigError>(HasSubstr("numbers of ranks that work: 1, 2, 3, 4, 6, 12")));
}

TEST(BatchPlan, NamesTheRanksThatANormGroupFits) {
  EXPECT_THAT([] { plan_batch({.global_batch = 12, .norm_group = 6}, 3); },
              ThrowsMessage<ConfigError>(HasSubstr("numbers of ranks that work: 1, 2, 4, 6, 12")));
}

TEST(BatchPlan, NamesTheNormGroupsThatFit) {
  EXPECT_THAT([] { plan_batch({.global_batch = 12, .norm_group = 5}, 3); },
              ThrowsMessage<ConfigError>(HasSubstr("groups that work with 3 ranks: 1, 2, 4, 12")));
}

TEST(BatchPlan, NamesTheMicroBatchesThatHoldWholeNormGroups) {
  EXPECT_THAT([] { plan_batch({.global_batch = 16, .micro_batch = 2}, 2); },
              ThrowsMessage<ConfigError>(HasSubstr("sizes that work: 8.")));
  EXPECT_THAT([] { plan_batch({.global_batch = 16, .micro_batch = 3, .norm_group = 2}, 2); },
              ThrowsMessage<ConfigError>(HasSubstr("sizes that work: 2, 4, 8.")));
  EXPECT_EQ(plan_batch({.global_batch = 16, .micro_batch = 4, .norm_group = 2}, 2).forward_samples, 2);
}

TEST(BatchPlan, RefusesNumbersBelowOne) {
  EXPECT_THROW(plan_batch({.global_batch = 0}, 1), ConfigError);
  EXPECT_THROW(plan_batch({.global_batch = 4, .micro_batch = -1}, 1), ConfigError);
  EXPECT_THROW(plan_batch({.global_batch = 4, .norm_group = -2}, 1), ConfigError);
}

TEST(BatchPlan, CountsOfASerialGroupAreItsOwn) {
  const BatchCounts counts =
      sum_over_ranks({.valid_pixels = 7, .samples = 2, .ignored_pixels = 3, .class_pixels = {5, 0, 2}}, Communicator());
  EXPECT_EQ(counts.valid_pixels, 7);
  EXPECT_EQ(counts.samples, 2);
  EXPECT_EQ(counts.ignored_pixels, 3);
  EXPECT_EQ(counts.class_pixels, (std::vector<int64_t>{5, 0, 2}));
}

}  // namespace
}  // namespace strata
