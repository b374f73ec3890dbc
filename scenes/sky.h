#pragma once
// What is seen where nothing stands: a gradient from the horizon up, clouds, and the glow around the sun.

#include "scenes/dice.h"
#include "scenes/light.h"

namespace strata::scenes {

class Sky {
 public:
  // The weather decides sky and light together.
  explicit Sky(Dice& dice);

  const Light& light() const { return light_; }
  // `ray` as Camera::ray gives it.
  Colour at(Vec3 ray) const;

 private:
  void plan_clear(Dice& dice);
  void plan_cloudy(Dice& dice);
  void plan_low_sun(Dice& dice);
  void aim_sun(float elevation, Dice& dice);

  Light light_;
  Colour zenith_, horizon_, cloud_bright_, cloud_dark_;
  float cloud_start_ = 0.5f;  // noise level at which clouds begin
  float cloud_edge_ = 0.2f;
  float glow_ = 0;
  uint32_t noise_;
};

}  // namespace strata::scenes
