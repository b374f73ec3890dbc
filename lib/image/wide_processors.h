#pragma once
// Loops over pixels in two versions, of which the processor at hand chooses: for AVX2, and for any. Not for its fused
// multiply-add, which rounds once where others round twice: results are the same bits everywhere.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define STRATA_FOR_WIDE_PROCESSORS __attribute__((target_clones("avx2", "default")))
#else
#define STRATA_FOR_WIDE_PROCESSORS
#endif
