#pragma once
// Loops compiled twice, for the baseline and for AVX2. ATen's choice counts, so that ATEN_CPU_CAPABILITY pins these bits together
// with ATen's.

#include <ATen/Version.h>

#define STRATA_INLINE inline __attribute__((always_inline))
#define STRATA_INLINE_LAMBDA __attribute__((always_inline))

namespace strata {

#ifdef __x86_64__
template <typename Loop>
__attribute__((target("avx2,fma,f16c"), noinline)) void run_with_avx2(const Loop& loop) {
  loop();
}
inline bool use_avx2() {
  static const bool use = at::get_cpu_capability() != "DEFAULT";
  return use;
}
#else
template <typename Loop>
void run_with_avx2(const Loop& loop) {
  loop();
}
inline bool use_avx2() { return false; }
#endif

// `loop`: a lambda marked always_inline, as is all that it calls.
template <typename Loop>
void run_vectorised(const Loop& loop) {
  if (use_avx2()) {
    run_with_avx2(loop);
  } else {
    loop();
  }
}

}  // namespace strata
