#include "comm/placement.h"

#include "base/log.h"
#include "base/process_info.h"

#include <algorithm>
#include <vector>

namespace strata {
namespace {

// Cores that at least one rank of the node may use.
int64_t cores_of_node(const Communicator& node) {
  const std::vector<int> own = usable_cores();
  std::vector<int64_t> users(own.empty() ? 0 : own.back() + 1);
  users.resize(static_cast<size_t>(node.max(static_cast<int64_t>(users.size()))));
  for (int core : own) users[core] = 1;
  node.sum(users);
  return std::count_if(users.begin(), users.end(), [](int64_t n) { return n > 0; });
}

}  // namespace

int fair_share_of_cores(const Communicator& world) {
  const std::vector<int> cores = usable_cores();
  const std::string own = core_list_text(cores);
  const std::vector<std::string> on_node = world.split_by_node().all_gather(own);
  const auto sharing = std::count(on_node.begin(), on_node.end(), own);
  return std::max(1, static_cast<int>(static_cast<std::ptrdiff_t>(cores.size()) / sharing));
}

void log_placement(const Communicator& world, int threads_per_rank, const std::string& device) {
  const Communicator node = world.split_by_node();
  const std::vector<std::string> lines = world.gather(fmt::format(
      "rank {} of {}: host {}, local rank {} of {}, cores {}, {} thread{}, {}", world.rank(), world.size(), host_name(),
      node.rank(), node.size(), core_list_text(usable_cores()), threads_per_rank, threads_per_rank == 1 ? "" : "s", device));
  for (const std::string& line : lines) log_info("{}", line);

  const int64_t cores = cores_of_node(node);
  std::vector<int64_t> threads = {threads_per_rank};
  node.sum(threads);
  if (threads[0] <= cores || !node.is_root()) return;
  log_warning(
      "{} ranks on {} have {} threads together, and {} core{} to run on: they slow each other down. Give each rank cores of its "
      "own "
      "(srun --cpu-bind=cores, mpirun --map-by slot:PE=n), fewer threads, or start fewer ranks",
      node.size(), host_name(), threads[0], cores, cores == 1 ? "" : "s");
}

}  // namespace strata
