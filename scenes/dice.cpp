#include "scenes/dice.h"

namespace strata::scenes {

Colour paint_colour(Dice& dice) {
  if (dice.chance(0.4f)) {
    const float hue = dice.real(0, 1);
    const float saturation = dice.real(0, 0.12f);
    return display_hsv(hue, saturation, dice.real(0.18f, 0.95f));
  }
  const float hue = dice.real(0, 1);
  const float saturation = dice.real(0.2f, 0.75f);
  return display_hsv(hue, saturation, dice.real(0.3f, 0.85f));
}

Colour cloth_colour(Dice& dice) {
  const float hue = dice.real(0, 1);
  const float saturation = dice.chance(0.35f) ? dice.real(0, 0.15f) : dice.real(0.2f, 0.8f);
  return display_hsv(hue, saturation, dice.real(0.15f, 0.9f));
}

Colour masonry_colour(Dice& dice) {
  const float kind = dice.real(0, 1);
  if (kind < 0.35f) {  // brick, terracotta, sandstone
    const float hue = dice.real(0.01f, 0.12f);
    const float saturation = dice.real(0.2f, 0.6f);
    return display_hsv(hue, saturation, dice.real(0.4f, 0.9f));
  }
  if (kind < 0.7f) {  // concrete, render
    const float hue = dice.real(0, 1);
    return display_hsv(hue, dice.real(0, 0.1f), dice.real(0.35f, 0.95f));
  }
  const float hue = dice.real(0, 1);
  const float saturation = dice.real(0.1f, 0.36f);
  return display_hsv(hue, saturation, dice.real(0.35f, 0.9f));
}

Colour plant_colour(Dice& dice) {
  const float kind = dice.real(0, 1);
  const float hue = kind < 0.65f ? dice.real(0.2f, 0.36f) : dice.real(0.04f, 0.2f);
  const float saturation = dice.real(0.25f, 0.65f);
  return display_hsv(hue, saturation, dice.real(0.35f, 0.75f));
}

Colour metal_colour(Dice& dice) {
  const float hue = dice.real(0, 1);
  const float saturation = dice.chance(0.6f) ? dice.real(0, 0.1f) : dice.real(0.2f, 0.6f);
  return display_hsv(hue, saturation, dice.real(0.2f, 0.9f));
}

Colour skin_colour(Dice& dice) {
  const float hue = dice.real(0.04f, 0.08f);
  const float saturation = dice.real(0.3f, 0.55f);
  return display_hsv(hue, saturation, dice.real(0.35f, 0.95f));
}

}  // namespace strata::scenes
