#pragma once
// What a process can tell of itself and its machine: for logs, run records and the owner file.

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

std::string host_name();
// Changes with every boot of the machine, the same in all its containers; empty where the kernel does not say.
std::string boot_id();

// The instruction set that decides about floating-point bits.
struct CpuInfo {
  std::string model;  // "Intel(R) Xeon(R) ...", as the kernel names it
  std::string isa;    // "avx512", "avx2" or "baseline"
};
CpuInfo cpu_info();

// Cores that this process may run on (its affinity), ascending.
std::vector<int> usable_cores();
// {0, 1, 2, 5} -> "0-2,5"
std::string core_list_text(const std::vector<int>& cores);

// Largest resident memory of this process so far; 0 where the kernel does not say.
uint64_t peak_resident_bytes();

// The environment variable, or an empty text.
std::string environment(const char* name);

}  // namespace strata
