#pragma once
// How a global batch is cut over ranks, forward passes and groups that share batch statistics.

#include "comm/communicator.h"

#include <cstdint>
#include <vector>

namespace strata {

struct BatchRequest {
  int global_batch = 2;  // samples of an optimiser step over all ranks
  int micro_batch =
      0;  // samples that one rank may hold at a time; 0: global_batch / ranks. Smaller: less memory, more forward passes
  int norm_group = 0;  // samples that share batch statistics; 0: the global batch
};

// Rank r takes positions [r per_rank, (r + 1) per_rank) of each global batch, forward_samples at a time. Norm group j is
// positions [j norm_group, (j + 1) norm_group) whatever the number of ranks, so every forward pass of a rank meets exactly one
// group: a whole one, or its part of one that ranks_per_norm_group neighbouring ranks share.
struct BatchPlan {
  int ranks = 1;
  int per_rank = 1;
  int forward_samples = 1;
  int forwards_per_step = 1;  // all but the last only accumulate gradients
  int ranks_per_norm_group = 1;
};

// ConfigError (78) where the request does not fit `ranks`; it names the counts that do.
BatchPlan plan_batch(const BatchRequest& request, int ranks);

// Collective. The ranks that take batch statistics together with this one; for synchronised_batch_norm().
Communicator norm_communicator(const BatchPlan& plan, const Communicator& world);

// What the losses of a step are shares of (losses/loss.h): counts of this rank's part, or of the global batch.
struct BatchCounts {
  int64_t valid_pixels = 0;
  int64_t samples = 0;
  int64_t ignored_pixels = 0;
  std::vector<int64_t> class_pixels = {};  // one entry a class, as many on every rank
};
// Collective, one message.
BatchCounts sum_over_ranks(const BatchCounts& of_this_rank, const Communicator& comm);

}  // namespace strata
