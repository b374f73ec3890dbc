#pragma once
// Draws models onto a canvas: nearest surface wins, each sample lit and seen through the haze.

#include "scenes/canvas.h"
#include "scenes/geometry.h"
#include "scenes/light.h"
#include "scenes/model.h"

namespace strata::scenes {

class Rasteriser {
 public:
  Rasteriser(Canvas& canvas, const Camera& camera, const Light& light) : canvas_(canvas), camera_(camera), light_(light) {}

  // Solid parts from near to far, so that little is shaded twice.
  void draw_solids(const Model& model);
  // Veils from far to near. After everything that may show through them: other solids, ground and sky.
  void draw_veils(const Model& model);

 private:
  void draw(const Polygon& polygon);
  void draw(const Rod& rod);
  void draw(const Ball& ball);
  // Lights `texel` and puts it there if nothing nearer is.
  void put(int y, int x, float depth, const Texel& texel, Vec3 normal, RawLabel label);
  bool hidden(int y, int x, float depth) const { return canvas_.sample(y, x).depth <= depth; }

  Canvas& canvas_;
  const Camera camera_;
  const Light light_;
};

}  // namespace strata::scenes
