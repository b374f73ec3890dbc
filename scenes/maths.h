#pragma once
// Arithmetic that gives the same bits on every CPU. libm picks its code by the CPU it finds, so pixels must not depend on it;
// only sqrt, which IEEE fixes, is used from there.

#include <algorithm>
#include <cmath>

namespace strata::scenes {

inline constexpr float kPi = 3.14159265f;

inline int floor_to_int(float x) {
  const int truncated = static_cast<int>(x);
  return truncated - (x < static_cast<float>(truncated));
}

inline float fraction(float x) { return x - static_cast<float>(floor_to_int(x)); }
inline float mix(float a, float b, float t) { return a + (b - a) * t; }
inline float square(float x) { return x * x; }
inline float saturate(float x) { return std::clamp(x, 0.0f, 1.0f); }

// 0 below `low`, 1 above `high`, a smooth ramp between.
inline float smooth_step(float low, float high, float x) {
  const float t = saturate((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}

// Error below 2e-4, by a polynomial on a quarter turn.
inline float sine(float radians) {
  const float turns = fraction(radians / (2 * kPi));
  const float half = turns < 0.5f ? turns : turns - 0.5f;
  const float x = kPi * 2 * (half < 0.25f ? half : 0.5f - half);
  const float x2 = x * x;
  const float value = x * (1 - x2 * (1.0f / 6 - x2 * (1.0f / 120 - x2 / 5040)));
  return turns < 0.5f ? value : -value;
}
inline float cosine(float radians) { return sine(radians + kPi / 2); }

// Falls like exp(-x) for x >= 0; within 0.03 of it.
inline float decay(float x) { return 1 / (1 + x * (1 + x * (0.5f + x / 6))); }

}  // namespace strata::scenes
