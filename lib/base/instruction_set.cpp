#include "base/instruction_set.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include <cstdlib>
#include <string_view>

namespace strata {
namespace {

#ifdef __x86_64__
// Not all compilers let one ask for this by name.
bool has_f16c() {
  unsigned int a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
#endif

bool choose_avx2() {
#ifdef __x86_64__
  const char* pinned = std::getenv("ATEN_CPU_CAPABILITY");
  if (pinned && std::string_view(pinned) == "default") return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
#else
  return false;
#endif
}

}  // namespace

bool use_avx2() {
  static const bool use = choose_avx2();
  return use;
}

}  // namespace strata
