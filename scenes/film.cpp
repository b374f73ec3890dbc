#include "scenes/film.h"

#include "scenes/texture.h"

namespace strata::scenes {

namespace {

float luminance(Colour c) { return 0.3f * c.r + 0.6f * c.g + 0.1f * c.b; }

Colour pixel_colour(const Canvas& canvas, int y, int x) {
  Colour sum;
  for (int dy = 0; dy < kSamplesPerSide; ++dy) {
    for (int dx = 0; dx < kSamplesPerSide; ++dx) {
      sum = sum + canvas.sample(y * kSamplesPerSide + dy, x * kSamplesPerSide + dx).colour;
    }
  }
  return sum * (1.0f / (kSamplesPerSide * kSamplesPerSide));
}

// Sums of one row at a time keep the single precision of samples out of the total.
float mean_luminance(const Canvas& canvas) {
  double total = 0;
  for (int y = 0; y < canvas.height(); ++y) {
    float row = 0;
    for (int x = 0; x < canvas.width(); ++x) row += std::min(luminance(canvas.sample(y, x).colour), 1.5f);
    total += row;
  }
  return static_cast<float>(total / (static_cast<double>(canvas.height()) * canvas.width()));
}

// Roughly normal, mean 0, deviation 1: four uniform bytes of a hash.
float noise_at(int y, int x, uint32_t seed) {
  const uint32_t h = hash_cell(x, y, seed);
  const auto bytes = static_cast<float>((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24));
  return (bytes - 510) / 147.8f;
}

uint8_t exposed(float linear, float noise) {
  const float shoulder = linear * (1 + linear / 2.2f) / (1 + linear);  // bends highlights, reaches 1 near 1.5
  const float value = 255 * std::sqrt(std::max(shoulder, 0.0f)) + noise;
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
}

}  // namespace

Film choose_film(Dice& dice) {
  Film film;
  film.mean_level = dice.real(0.4f, 0.58f);
  const float warm = dice.real(-0.09f, 0.09f);
  const float green = dice.real(-0.04f, 0.04f);
  film.tint = {1 + warm, 1 + green, 1 - warm};
  film.vignette = dice.real(0, 0.25f);
  film.noise = dice.real(1.0f, 4.5f);
  film.noise_seed = dice.noise_seed();
  return film;
}

Image develop(const Canvas& canvas, const Film& film) {
  Image frame(canvas.height() / kSamplesPerSide, canvas.width() / kSamplesPerSide, 3);
  const float exposure = 1.35f * square(film.mean_level) / std::max(mean_luminance(canvas), 1e-3f);
  const float middle_y = static_cast<float>(frame.height) / 2, middle_x = static_cast<float>(frame.width) / 2;
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const float off =
          0.5f * (square((static_cast<float>(y) - middle_y) / middle_y) + square((static_cast<float>(x) - middle_x) / middle_x));
      const Colour c = pixel_colour(canvas, y, x) * film.tint * (exposure * (1 - film.vignette * off));
      frame.at(y, x, 0) = exposed(c.r, film.noise * noise_at(y, x, film.noise_seed));
      frame.at(y, x, 1) = exposed(c.g, film.noise * noise_at(y, x, film.noise_seed + 1));
      frame.at(y, x, 2) = exposed(c.b, film.noise * noise_at(y, x, film.noise_seed + 2));
    }
  }
  return frame;
}

}  // namespace strata::scenes
