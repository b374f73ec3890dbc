#include "base/instruction_set.h"

#include <cstdlib>
#include <string_view>

namespace strata {
namespace {

bool choose_avx2() {
#ifdef __x86_64__
  const char* pinned = std::getenv("ATEN_CPU_CAPABILITY");
  if (pinned && std::string_view(pinned) == "default") return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
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
