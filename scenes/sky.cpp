#include "scenes/sky.h"

#include "scenes/texture.h"

namespace strata::scenes {

Sky::Sky(Dice& dice) : noise_(dice.noise_seed()) {
  const float weather = dice.real(0, 1);
  if (weather < 0.45f) {
    plan_clear(dice);
  } else if (weather < 0.8f) {
    plan_cloudy(dice);
  } else {
    plan_low_sun(dice);
  }
  light_.haze = horizon_;
}

void Sky::aim_sun(float elevation, Dice& dice) {
  const float azimuth = dice.real(0, 2 * kPi);
  light_.to_sun = {cosine(elevation) * cosine(azimuth), cosine(elevation) * sine(azimuth), sine(elevation)};
}

void Sky::plan_clear(Dice& dice) {
  aim_sun(dice.real(0.5f, 1.15f), dice);
  const float hue = dice.real(0.52f, 0.63f);
  zenith_ = display_hsv(hue, dice.real(0.3f, 0.65f), dice.real(0.6f, 0.9f));
  horizon_ = display_hsv(hue - 0.02f, dice.real(0.02f, 0.2f), dice.real(0.82f, 0.97f));
  cloud_bright_ = display_grey(dice.real(228, 255));
  cloud_dark_ = display_grey(dice.real(165, 215));
  cloud_start_ = dice.real(0.3f, 0.65f);
  const float warm = dice.real(0, 0.12f);
  light_.sun = Colour{1 + warm, 1, 1 - 1.6f * warm} * dice.real(0.8f, 1.15f);
  light_.sky = Colour{0.9f, 1, 1.14f} * dice.real(0.3f, 0.5f);
  light_.shadow_blur = 1;
  light_.haze_per_metre = dice.real(0.0008f, 0.004f);
}

void Sky::plan_cloudy(Dice& dice) {
  aim_sun(dice.real(1.15f, 1.45f), dice);
  const float grey = dice.real(150, 235);
  const float blue = dice.real(-8, 22);
  zenith_ = display(grey - blue, grey, std::min(250.0f, grey + blue)) * dice.real(0.7f, 0.95f);
  horizon_ = display(grey - blue / 2, grey, std::min(250.0f, grey + blue / 2));
  cloud_bright_ = display_grey(std::min(250.0f, grey + 22));
  cloud_dark_ = display(grey - 45, grey - 42, grey - 35);
  cloud_start_ = dice.real(0.1f, 0.35f);
  cloud_edge_ = 0.45f;
  light_.sun = Colour{1, 1, 1} * dice.real(0.15f, 0.35f);
  light_.sky = Colour{0.97f, 1, 1.05f} * dice.real(0.6f, 0.8f);
  light_.shadow_blur = 4;
  light_.haze_per_metre = dice.real(0.002f, 0.011f);
}

void Sky::plan_low_sun(Dice& dice) {
  aim_sun(dice.real(0.26f, 0.5f), dice);
  const float hue = dice.real(0.02f, 0.12f);
  zenith_ = display_hsv(dice.real(0.55f, 0.72f), dice.real(0.2f, 0.5f), dice.real(0.45f, 0.75f));
  horizon_ = display_hsv(hue, dice.real(0.2f, 0.5f), dice.real(0.85f, 1.0f));
  cloud_bright_ = display_hsv(hue, dice.real(0.1f, 0.4f), 0.98f);
  cloud_dark_ = display_hsv(dice.real(0.7f, 0.95f), 0.2f, dice.real(0.45f, 0.65f));
  cloud_start_ = dice.real(0.25f, 0.5f);
  light_.sun = Colour{1.2f, 0.86f, 0.55f} * dice.real(0.8f, 1.1f);
  light_.sky = Colour{0.86f, 0.94f, 1.2f} * dice.real(0.28f, 0.42f);
  light_.shadow_blur = 1;
  light_.haze_per_metre = dice.real(0.002f, 0.007f);
  glow_ = dice.real(0.2f, 0.6f);
}

Colour Sky::at(Vec3 ray) const {
  const float up = std::max(ray.z, 0.0f);
  Colour colour = mix(horizon_, zenith_, saturate(1 - decay(5.5f * up)));
  const float distance = 1 / (up + 0.12f);
  const float density = cloud_noise(ray.x * distance * 0.9f, distance * 1.3f, 5, noise_);
  const float cloud = smooth_step(cloud_start_, cloud_start_ + cloud_edge_, density) * smooth_step(0, 0.1f, up);
  const float thick = smooth_step(cloud_start_ + 0.1f, cloud_start_ + 0.5f, density);
  colour = mix(colour, mix(cloud_bright_, cloud_dark_, thick * 0.7f), cloud);
  const float towards_sun = std::max(0.0f, dot(unit(ray), light_.to_sun));
  return mix(colour, Colour{1.3f, 1.1f, 0.85f}, glow_ * square(square(square(towards_sun))));
}

}  // namespace strata::scenes
