#include "distributed/batch_plan.h"

#include "base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace strata {

namespace {

// Numbers from 1 to `last` that fit, for messages.
std::string fitting(int last, const std::function<bool(int)>& fits) {
  std::vector<int> numbers;
  for (int number = 1; number <= last; ++number) {
    if (fits(number)) numbers.push_back(number);
  }
  return numbers.empty() ? "none" : fmt::format("{}", fmt::join(numbers, ", "));
}

void require_not_negative(const BatchRequest& request, int ranks) {
  if (request.global_batch > 0 && request.micro_batch >= 0 && request.norm_group >= 0 && ranks > 0) return;
  throw ConfigError(fmt::format("global_batch must be at least 1, micro_batch and norm group at least 0; they are {}, {} and {}",
                                request.global_batch, request.micro_batch, request.norm_group));
}

void require_equal_parts(int global_batch, int ranks) {
  if (global_batch % ranks == 0) return;
  throw ConfigError(fmt::format("global_batch = {} does not divide over {} ranks; numbers of ranks that work: {}", global_batch,
                                ranks, fitting(global_batch, [&](int n) { return global_batch % n == 0; })));
}

// Groups are whole within a rank, or made of whole ranks.
bool groups_fit(int group, int per_rank) { return per_rank % group == 0 || group % per_rank == 0; }

void require_whole_groups(int global_batch, int group, int ranks) {
  if (global_batch % group != 0) {
    throw ConfigError(fmt::format(
        "norm group = {} does not divide global_batch = {}; groups that work with {} ranks: {}", group, global_batch, ranks,
        fitting(global_batch, [&](int n) { return global_batch % n == 0 && groups_fit(n, global_batch / ranks); })));
  }
  if (groups_fit(group, global_batch / ranks)) return;
  throw ConfigError(fmt::format(
      "norm group = {} straddles ranks of {} samples each (global_batch = {}, {} ranks); numbers of ranks that work: {}", group,
      global_batch / ranks, global_batch, ranks,
      fitting(global_batch, [&](int n) { return global_batch % n == 0 && groups_fit(group, global_batch / n); })));
}

// A forward pass must see a rank's whole part of a group, or the statistics would be those of a smaller group.
void require_fitting_micro_batch(int micro, int group, int per_rank, int ranks) {
  const auto fits = [&](int n) { return per_rank % n == 0 && (group <= per_rank ? n % group == 0 : n == per_rank); };
  if (fits(micro)) return;
  throw ConfigError(
      fmt::format("micro_batch = {} does not hold whole norm groups: {} ranks have {} samples each, in norm groups of {}; sizes "
                  "that work: {}. "
                  "A smaller norm group or more ranks make room for smaller ones",
                  micro, ranks, per_rank, group, fitting(per_rank, fits)));
}

}  // namespace

BatchPlan plan_batch(const BatchRequest& request, int ranks) {
  require_not_negative(request, ranks);
  require_equal_parts(request.global_batch, ranks);
  const int per_rank = request.global_batch / ranks;
  const int group = request.norm_group == 0 ? request.global_batch : request.norm_group;
  require_whole_groups(request.global_batch, group, ranks);
  require_fitting_micro_batch(request.micro_batch == 0 ? per_rank : request.micro_batch, group, per_rank, ranks);

  BatchPlan plan;
  plan.ranks = ranks;
  plan.per_rank = per_rank;
  plan.forward_samples = std::min(group, per_rank);
  plan.forwards_per_step = per_rank / plan.forward_samples;
  plan.ranks_per_norm_group = group > per_rank ? group / per_rank : 1;
  return plan;
}

Communicator norm_communicator(const BatchPlan& plan, const Communicator& world) {
  if (plan.ranks_per_norm_group == 1) return {};
  return world.split(world.rank() / plan.ranks_per_norm_group);
}

BatchCounts sum_over_ranks(const BatchCounts& of_this_rank, const Communicator& comm) {
  std::vector<int64_t> all = {of_this_rank.valid_pixels, of_this_rank.samples, of_this_rank.ignored_pixels};
  all.insert(all.end(), of_this_rank.class_pixels.begin(), of_this_rank.class_pixels.end());
  comm.sum(all);
  return {.valid_pixels = all[0], .samples = all[1], .ignored_pixels = all[2], .class_pixels = {all.begin() + 3, all.end()}};
}

}  // namespace strata
