#pragma once
// Gradients summed over ranks while the backward pass still runs: c10d's Reducer (buckets) over MPI or NCCL.

#include "comm/communicator.h"

#include <torch/types.h>

#include <memory>
#include <vector>

namespace strata {

struct ReducerOptions {
  int64_t first_bucket_bytes =
      1 << 20;                      // of the parameters used last, whose gradients come first; small: communication starts early
  int64_t bucket_bytes = 25 << 20;  // larger: fewer messages; smaller: more overlap
};

// Gradients are *summed*, not averaged: losses are shares of the global loss (losses/loss.h).
//
// Buckets are filled in reverse order of the parameters at construction and never rebuilt (c10d's own training loop rebuilds them
// after the first step, in the order in which gradients came): a resumed run sums in the same order as a straight one. Same
// gradients, ranks and options: same bits. Gradients are views of the buckets after the first reduced backward: clear them by
// zeroing or by undefining them, never by detach_().
//
// CPU tensors travel by MPI, CUDA tensors by NCCL (untried on a GPU). With one rank backward() just runs.
class GradientReducer {
 public:
  // Collective. Parameters in module order, float or double, all on one device, the same on every rank; all must get a gradient
  // in every reduced backward. Ranks must hold the same values already. InternalError where a parameter takes no gradient or has
  // another type.
  GradientReducer(std::vector<torch::Tensor> parameters, const Communicator& comm, const ReducerOptions& options);
  // Local.
  ~GradientReducer();

  // Collective: loss.backward() whose gradients, with those accumulated before, are added up over ranks when it returns.
  // InternalError where a parameter got none, on every rank (networks are the same everywhere). A failing peer ends the job
  // with 71.
  void backward(const torch::Tensor& loss_share);
  // Local: gradients accumulate here and go along with the next backward().
  void accumulate(const torch::Tensor& loss_share);

  // Since construction, of this rank. Messages are counted when they are done, so that one can watch them overlap with a backward
  // pass.
  struct Counters {
    int64_t messages = 0;
    int64_t bytes = 0;          // of gradients handed over
    double waited_seconds = 0;  // from the end of the local backward passes until all gradients were there
  };
  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace strata
