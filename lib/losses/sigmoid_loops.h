#pragma once
// Sigmoids and their cross entropy over a row of logits. Without branches and calls, so that float loops become vectors.

#include "base/instruction_set.h"

#include <cmath>
#include <cstdint>

namespace strata {

// exp(x) for -87 <= x <= 0, to 2 units in the last place: x = n ln 2 + r, a polynomial in r (Cephes' expf), n into the exponent.
STRATA_INLINE float exp_of_negative(float x) {
  x = x < -87.0f ? -87.0f : x;  // NaN stays
  const float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  float r = x - n * 0.693359375f;
  r -= n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const float known = n == n ? n : 0.0f;  // a NaN has no integer; it is in p already
  return p * __builtin_bit_cast(float, (static_cast<int32_t>(known) + 127) << 23);
}
STRATA_INLINE double exp_of_negative(double x) { return std::exp(x); }

// log(1 + e) for 0 <= e <= 1, to 2 units in the last place: 2 artanh(w) with w = e / (2 + e) <= 1/3, by its series.
STRATA_INLINE float log_one_plus(float e) {
  const float w = e / (2.0f + e), square = w * w;
  float p = 1.0f / 15.0f;
  p = p * square + 1.0f / 13.0f;
  p = p * square + 1.0f / 11.0f;
  p = p * square + 1.0f / 9.0f;
  p = p * square + 1.0f / 7.0f;
  p = p * square + 1.0f / 5.0f;
  p = p * square + 1.0f / 3.0f;
  return 2.0f * w * (p * square + 1.0f);
}
STRATA_INLINE double log_one_plus(double e) { return std::log1p(e); }

// sigmoid[i] = 1 / (1 + exp(-z)), entropy[i] = log(1 + exp(z)), which is the cross entropy of a target 0.
template <typename T>
STRATA_INLINE void sigmoids_and_entropies(const T* __restrict z, int64_t count, T* __restrict sigmoid, T* __restrict entropy) {
  for (int64_t i = 0; i < count; ++i) {
    const T e = exp_of_negative(z[i] < 0 ? z[i] : -z[i]);
    const T larger = 1 / (1 + e);
    sigmoid[i] = z[i] < 0 ? e * larger : larger;
    entropy[i] = (z[i] < 0 ? 0 : z[i]) + log_one_plus(e);
  }
}

template <typename T>
STRATA_INLINE void sigmoids(const T* __restrict z, int64_t count, T* __restrict sigmoid) {
  for (int64_t i = 0; i < count; ++i) {
    const T e = exp_of_negative(z[i] < 0 ? z[i] : -z[i]);
    const T larger = 1 / (1 + e);
    sigmoid[i] = z[i] < 0 ? e * larger : larger;
  }
}

}  // namespace strata
