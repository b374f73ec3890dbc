#include "training/platform.h"

#include "base/process_info.h"
#include "base/sha256.h"

#include <torch/types.h>
#include <torch/version.h>

namespace strata {

Settings this_platform(const std::string& device, int ranks, int threads_per_rank) {
  const CpuInfo cpu = cpu_info();
  return {
      {"build", sha256_of_file("/proc/self/exe").substr(0, 16)},
      {"torch", TORCH_VERSION},
      {"cpu", cpu.model},
      {"isa", cpu.isa},
      {"device", device},
      {"ranks", std::to_string(ranks)},
      {"threads_per_rank", std::to_string(threads_per_rank)},
  };
}

}  // namespace strata
