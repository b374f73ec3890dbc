#include "scenes/texture.h"

namespace strata::scenes {

float value_noise(float x, float y, uint32_t seed) {
  const int ix = floor_to_int(x), iy = floor_to_int(y);
  float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  fx *= fx * (3 - 2 * fx);
  fy *= fy * (3 - 2 * fy);
  const float low = mix(cell_value(ix, iy, seed), cell_value(ix + 1, iy, seed), fx);
  const float high = mix(cell_value(ix, iy + 1, seed), cell_value(ix + 1, iy + 1, seed), fx);
  return mix(low, high, fy);
}

float cloud_noise(float x, float y, int octaves, uint32_t seed) {
  float sum = 0, strength = 0.5f;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += strength * value_noise(x, y, seed + static_cast<uint32_t>(octave));
    x *= 2.03f;
    y *= 2.03f;
    strength *= 0.5f;
  }
  return sum;
}

float grain(float u, float v, float frequency, float footprint, uint32_t seed) {
  const float cells = frequency * footprint;
  if (cells > 4) return 0;
  return (value_noise(u * frequency, v * frequency, seed) - 0.5f) / (1 + square(cells));
}

float pulses(float x, float period, float on, float width) {
  width = std::max(width, 1e-4f);
  const auto covered_up_to = [&](float at) {
    const float periods = at / period;
    const float whole = static_cast<float>(floor_to_int(periods));
    return whole * on + std::min((periods - whole) * period, on);
  };
  return saturate((covered_up_to(x + width / 2) - covered_up_to(x - width / 2)) / width);
}

}  // namespace strata::scenes
