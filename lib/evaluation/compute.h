#pragma once
// How Torch computes in this process.

#include "comm/communicator.h"

#include <torch/types.h>

namespace strata {

// Collective; before any work on tensors. `threads` of Torch on this rank, 0: the cores that it may use, shared fairly with ranks
// of its node that may use the same ones; gives the number chosen. Logs where ranks run. On CPUs only deterministic kernels are
// used, and products of matrices are the same bits in every run (MKL_CBWR=AUTO,STRICT, unless the environment has it set).
int prepare_compute(int threads, torch::Device device, const Communicator& comm);

}  // namespace strata
