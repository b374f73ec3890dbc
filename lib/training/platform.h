#pragma once
// What the bits of a run depend on besides its settings.

#include "run/settings.h"

#include <string>

namespace strata {

// build (digits of the executable's SHA-256), torch, cpu, isa, device, ranks, threads_per_rank. Local.
Settings this_platform(const std::string& device, int ranks, int threads_per_rank);

}  // namespace strata
