#pragma once
// The bonnet of the car that carries the camera, at the lower edge of some pictures: void pixels, as in the field.

#include "scenes/canvas.h"
#include "scenes/dice.h"

#include <optional>

namespace strata::scenes {

struct Bonnet {
  Colour paint;
  float height = 0.05f;  // share of the picture
  float middle = 0.5f;   // of the picture's width
};

std::optional<Bonnet> choose_bonnet(Dice& dice);
void draw_bonnet(Canvas& canvas, const Bonnet& bonnet);

}  // namespace strata::scenes
