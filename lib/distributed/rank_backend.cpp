#include "distributed/rank_backend.h"

#include "distributed/cuda_module.h"
#include "distributed/mpi_backend.h"
#include "distributed/mpi_store.h"

#include <span>

namespace strata {

RankBackend make_rank_backend(const Communicator& comm, torch::Device device) {
  if (device.is_cuda()) {
    auto store = c10::make_intrusive<MpiStore>(comm);
    return {loaded_cuda_module().make_nccl_backend(std::move(store), comm.rank(), comm.size(), device), [] {}};
  }
  auto backend = c10::make_intrusive<MpiBackend>(comm);
  return {backend, [backend] { backend->hurry(); }};
}

void RankSum::operator()(torch::Tensor& values) {
  if (comm_.size() == 1) return;
  if (values.is_cpu()) return comm_.sum(std::span(values.mutable_data_ptr<double>(), static_cast<size_t>(values.numel())));
  if (!cuda_.c10d) cuda_ = make_rank_backend(comm_, values.device());
  std::vector<at::Tensor> list{values};
  cuda_.c10d->allreduce(list, {})->wait();  // the stream waits, not the host
}

}  // namespace strata
