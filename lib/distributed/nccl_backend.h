#pragma once
// NCCL as a backend of c10d. Part of the CUDA module; compiled and linked, untried on a GPU.

#include <c10/core/Device.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace strata {

// Collective over the ranks that share `store`: connects them at once, so that trouble shows here and not in the first step.
c10::intrusive_ptr<c10d::Backend> make_nccl_backend(c10::intrusive_ptr<c10d::Store> store, int rank, int ranks, c10::Device gpu);

}  // namespace strata
