#pragma once
// The one seam between MPI and NCCL: how tensors of a device are added up over ranks.

#include "comm/communicator.h"

#include <torch/types.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <functional>
#include <memory>

namespace strata {

// A backend of c10d that sums tensors of one device over ranks, in the background.
struct RankBackend {
  c10::intrusive_ptr<c10d::Backend> c10d;
  std::function<void()> about_to_wait;  // the caller has nothing to compute until its messages are done
};

// Collective. MPI for the CPU; NCCL for a CUDA device (the module must be loaded, device.h; untried on a GPU).
RankBackend make_rank_backend(const Communicator& comm, torch::Device device);

// Small sums that the caller waits for: the statistics of batch norm.
class RankSum {
 public:
  explicit RankSum(const Communicator& comm) : comm_(comm) {}

  // Collective; local with one rank. `values`: contiguous, double, on any device; in place. On the CPU from whichever thread
  // calls, but one at a time.
  void operator()(torch::Tensor& values);

 private:
  Communicator comm_;
  RankBackend cuda_;  // made by the first sum on a GPU
};

}  // namespace strata
