#include "distributed/mpi_backend.h"

#include "base/error.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <climits>

namespace strata {

namespace {

MPI_Datatype datatype_of(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kFloat) return MPI_FLOAT;
  if (tensor.scalar_type() == at::kDouble) return MPI_DOUBLE;
  throw InternalError(fmt::format("MPI backend: sums float and double, got {}", c10::toString(tensor.scalar_type())));
}

}  // namespace

c10::intrusive_ptr<c10d::Work> MpiBackend::allreduce(std::vector<at::Tensor>& tensors, const c10d::AllreduceOptions& options) {
  if (tensors.size() != 1 || options.reduceOp != c10d::ReduceOp::SUM)
    throw InternalError("MPI backend: sums one tensor at a time, nothing else");
  at::Tensor tensor = tensors.front();
  if (!tensor.is_cpu() || !tensor.is_contiguous() || tensor.numel() > INT_MAX) {
    throw InternalError(fmt::format("MPI backend: wants a contiguous tensor of the CPU with at most {} values", INT_MAX));
  }
  auto future = c10::make_intrusive<c10::ivalue::Future>(c10::ListType::create(c10::TensorType::get()));
  const auto finish = [future, tensor] { future->markCompleted(c10::IValue(std::vector<at::Tensor>{tensor})); };
  thread_.submit({tensor.mutable_data_ptr(), static_cast<int>(tensor.numel()), datatype_of(tensor), finish});
  return c10d::Work::create_from_future(future);
}

}  // namespace strata
