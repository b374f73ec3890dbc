#pragma once
// MPI as a backend of c10d, so that its Reducer serves processors as it serves GPUs.

#include "distributed/allreduce_thread.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <string>
#include <vector>

namespace strata {

// Sums of contiguous float or double tensors of the CPU over ranks, in the background. What else a c10d backend could do is not
// there (throws).
class MpiBackend : public c10d::Backend {
 public:
  // Collective.
  explicit MpiBackend(const Communicator& comm) : Backend(comm.rank(), comm.size()), thread_(comm) {}

  const std::string getBackendName() const override { return "strata-mpi"; }

  // Collective: one tensor, summed in place; the same order of calls on every rank. The work's future holds the list of that
  // tensor. Summed in an order that depends only on the number of ranks and of values.
  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>& tensors, const c10d::AllreduceOptions& options) override;

  // Local: see AllreduceThread.
  void hurry() { thread_.hurry(); }

 private:
  AllreduceThread thread_;
};

}  // namespace strata
