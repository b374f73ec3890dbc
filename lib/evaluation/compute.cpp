#include "evaluation/compute.h"

#include "base/memory.h"
#include "comm/placement.h"
#include "distributed/torch_warnings.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <cstdlib>

namespace strata {
namespace {

// oneMKL promises the same bits from run to run only in this mode ("Conditional Numerical Reproducibility" in its guide), which
// it looks for once, at its first product. What the user has set stays.
void multiply_reproducibly() { ::setenv("MKL_CBWR", "AUTO,STRICT", /*overwrite=*/0); }

}  // namespace

int prepare_compute(int threads, torch::Device device, const Communicator& comm) {
  reuse_freed_memory();
  log_torch_warnings();
  const int fair_share = fair_share_of_cores(comm);
  const int chosen = threads > 0 ? threads : fair_share;
  at::set_num_threads(chosen);
  log_placement(comm, chosen, device.str());
  if (device.is_cpu()) {
    multiply_reproducibly();
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  }
  return chosen;
}

}  // namespace strata
