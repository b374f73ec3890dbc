#pragma once
// How much of the ground lies in the shade of a model: a grid from above, into which every part is cast along the light.

#include "scenes/model.h"
#include "scenes/outline.h"

#include <vector>

namespace strata::scenes {

class ShadowMap {
 public:
  struct Options {
    Vec3 to_light{0, 0, 1};  // unit, upwards
    float blur = 1;          // of the edges, in cells of 0.16 m
    float ceiling = 1e9f;    // parts that begin higher cast nothing, m
  };
  ShadowMap(const Model& model, const Options& options);

  // 0 in the light, 1 in the shade, soft between. Outside of the map all is lit.
  float shade(float x, float y) const;

 private:
  void cast(const std::vector<Point2>& outline);
  void cast(const Polygon& polygon);
  void cast(const Rod& rod);
  void cast(const Ball& ball);
  void soften(int radius);
  Point2 on_map(Vec3 point) const;

  Vec3 to_light_;
  std::vector<float> shade_;
};

}  // namespace strata::scenes
