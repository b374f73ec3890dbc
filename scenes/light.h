#pragma once
// Sun, sky light and haze of a scene.

#include "scenes/colour.h"
#include "scenes/geometry.h"

namespace strata::scenes {

struct Light {
  Vec3 to_sun{0, 0, 1};          // unit
  Colour sun{1, 1, 1};           // on a surface that faces it
  Colour sky{0.5f, 0.5f, 0.5f};  // from above, on every surface
  float shadow_blur = 1;         // soft edges, in cells of the shadow map: large under clouds
  Colour haze{1, 1, 1};
  float haze_per_metre = 0.003f;

  // Light on a surface with this normal, of which `sunlit` (0..1) is out of the shadow.
  Colour on(Vec3 normal, float sunlit) const {
    const float from_above = 0.72f + 0.28f * normal.z;
    return sky * from_above + sun * (std::max(0.0f, dot(normal, to_sun)) * sunlit);
  }
  Colour through_haze(Colour colour, float distance) const { return mix(haze, colour, decay(haze_per_metre * distance)); }
};

}  // namespace strata::scenes
