#pragma once
// Where ranks run: hosts, cores, threads.

#include "comm/communicator.h"

#include <string>

namespace strata {

// Collective. Threads for this rank: the cores it may use, shared evenly with the ranks of its node that may use the same ones;
// at least 1.
int fair_share_of_cores(const Communicator& world);

// Collective. One log line per rank, printed by rank 0: host, local rank, cores it may use, threads, device; a warning for each
// node whose ranks have more threads than there are cores for them.
void log_placement(const Communicator& world, int threads_per_rank, const std::string& device);

}  // namespace strata
