#pragma once
// From samples to a frame: averaging, exposure, tone, tint, vignette and sensor noise.

#include "image/image.h"
#include "scenes/canvas.h"
#include "scenes/dice.h"

namespace strata::scenes {

struct Film {
  float mean_level = 0.5f;  // of the exposed frame as displayed, 0..1
  Colour tint{1, 1, 1};
  float vignette = 0.1f;  // darkening of the corners, 0..1
  float noise = 2;        // deviation in steps of 1/255
  uint32_t noise_seed = 0;
};

Film choose_film(Dice& dice);
Image develop(const Canvas& canvas, const Film& film);

}  // namespace strata::scenes
