#pragma once
// What vehicles are put together from: hulls, wheels, panes, lamps. Local x runs to the vehicle's front.

#include "scenes/dice.h"
#include "scenes/model.h"

#include <functional>
#include <vector>

namespace strata::scenes {

// A body is the outline of its side, each corner with half the body's width there.
struct HullPoint {
  float x, z, half_width;
};

// Both sides are drawn with `side` (u = x, v = z). Edge i, from corner i to the next, spans the width and is drawn with rim(i): u
// = y, v = z on steep edges and x on flat ones. A rim without a shader is left out.
void add_hull(ModelPen& pen, const std::vector<HullPoint>& profile, const Shader& side, const std::function<Shader(size_t)>& rim);

// A wheel whose outer face lies at y; the tyre reaches inwards.
struct Wheel {
  float x = 0, y = 0;
  float radius = 0.32f, width = 0.2f;
};
void add_wheel(ModelPen& pen, const Wheel& wheel, Colour rim);

// Dark window glass that mirrors some sky towards its upper edge. `rise`: 0 at the lower edge, 1 at the upper.
Colour window_glass(float rise, float brightness);

// Around a wheel at `x`: 1 in the dark arch, 0 on the body.
float wheel_arch(const SurfacePoint& p, float x, float radius);

}  // namespace strata::scenes
