#include "evaluation/compute.h"

#include "base/process_info.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <string>
#include <vector>

namespace strata {
namespace {

int fair_share_of_cores(const Communicator& comm) {
  const std::vector<int> cores = usable_cores();
  const std::string own = core_list_text(cores);
  const std::vector<std::string> on_node = comm.split_by_node().all_gather(own);
  const auto sharing = std::count(on_node.begin(), on_node.end(), own);
  return std::max(1, static_cast<int>(static_cast<std::ptrdiff_t>(cores.size()) / sharing));
}

}  // namespace

void prepare_compute(int threads, torch::Device device, const Communicator& comm) {
  const int fair_share = fair_share_of_cores(comm);
  at::set_num_threads(threads > 0 ? threads : fair_share);
  if (device.is_cpu()) at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
}

}  // namespace strata
