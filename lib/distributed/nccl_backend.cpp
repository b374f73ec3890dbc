#include "distributed/nccl_backend.h"

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <cstdlib>

namespace strata {

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(c10::intrusive_ptr<c10d::Store> store, int rank, int ranks, c10::Device gpu) {
  // One root for any number of ranks: the store (MpiStore) hands on what rank 0 sets, and nothing else.
  setenv("TORCH_NCCL_RANKS_PER_ROOT", "1000000", /*overwrite=*/1);
  auto backend =
      c10::make_intrusive<c10d::ProcessGroupNCCL>(std::move(store), rank, ranks, c10d::ProcessGroupNCCL::Options::create());
  backend->eagerConnectSingleDevice(gpu);
  return backend;
}

}  // namespace strata
