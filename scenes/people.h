#pragma once
// Bodies of people, on foot and on two wheels. Local x is the way they face.

#include "scenes/dice.h"
#include "scenes/model.h"

namespace strata::scenes {

struct Clothes {
  Colour skin, hair, top, legs, shoes;
};
Clothes choose_clothes(Dice& dice);

// Where a rider touches the machine; the right-hand side, mirrored for the left.
struct Seat {
  Vec3 hip, shoulder, head;  // y = 0
  Vec3 hand;
  Vec3 foot_right, foot_left;
};
enum class Helmet { kOpen, kFullFace, kNone };
void add_rider(ModelPen& pen, const Seat& seat, const Clothes& clothes, Helmet helmet);

}  // namespace strata::scenes
