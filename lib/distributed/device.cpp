#include "distributed/device.h"

#include "base/error.h"
#include "base/log.h"
#include "comm/agreement.h"
#include "distributed/cuda_module.h"

#include <fmt/format.h>

namespace strata {

namespace {

torch::Device require_gpu(int rank_on_node) {
  const CudaSearch search = find_cuda_module(default_cuda_places());
  if (!search.module) throw ConfigError(fmt::format("device cuda: {}. Device cpu runs everywhere", search.reason));
  return choose_gpu(*search.module, rank_on_node);
}

// The CPU and why, or the GPU.
torch::Device prefer_gpu(int rank_on_node, std::string& reason) {
  const CudaSearch search = find_cuda_module(default_cuda_places());
  if (search.absence == CudaAbsence::kNoDriver) return torch::kCPU;
  reason = search.reason;
  if (!search.module) return torch::kCPU;
  try {
    return choose_gpu(*search.module, rank_on_node);
  } catch (const ConfigError& error) {
    reason = error.what();
    return torch::kCPU;
  }
}

}  // namespace

torch::Device choose_device(const std::string& request, const Communicator& comm) {
  if (request == "cpu") return torch::kCPU;
  if (request != "cuda" && request != "auto")
    throw ConfigError(fmt::format("unknown device '{}': it is cpu, cuda or auto", request));
  const int rank_on_node = comm.split_by_node().rank();
  torch::Device device = torch::kCPU;
  if (request == "cuda") {
    agree(comm, [&] { device = require_gpu(rank_on_node); });
    return device;
  }
  std::string reason;
  device = prefer_gpu(rank_on_node, reason);
  const int64_t with_gpu = comm.sum(int64_t{device.is_cuda()});
  if (!reason.empty()) log_warning("using the CPU: {}", reason);
  if (with_gpu == comm.size()) return device;
  if (with_gpu > 0 && comm.is_root()) log_warning("using the CPU: only {} of {} ranks have a usable GPU", with_gpu, comm.size());
  return torch::kCPU;
}

}  // namespace strata
