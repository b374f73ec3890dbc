#pragma once
// Loops compiled twice, for the baseline and for AVX2.

#define STRATA_INLINE inline __attribute__((always_inline))
#define STRATA_INLINE_LAMBDA __attribute__((always_inline))

namespace strata {

// What ATen would choose: ATEN_CPU_CAPABILITY=default pins these bits together with ATen's.
bool use_avx2();

#ifdef __x86_64__
template <typename Loop>
__attribute__((target("avx2,fma,f16c"), noinline)) void run_with_avx2(const Loop& loop) {
  loop();
}
#else
template <typename Loop>
void run_with_avx2(const Loop& loop) {
  loop();
}
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
