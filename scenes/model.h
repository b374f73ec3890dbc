#pragma once
// What painters hand to the rasteriser: flat polygons, rods and balls in the world, each of one class, each with a shader.

#include "scenes/colour.h"
#include "scenes/geometry.h"
#include "scenes/raw_label.h"

#include <functional>
#include <vector>

namespace strata::scenes {

// A point of a surface in the surface's own metres, and how many of them one sample covers in each direction: detail finer than
// that must be averaged by the shader.
struct SurfacePoint {
  float u = 0, v = 0;
  float du = 0, dv = 0;
};

enum class Cover : uint8_t {
  kSolid,
  kNothing,     // outside of the outline: what is behind shows and keeps its label
  kSeeThrough,  // between bars or spokes: what is behind shows, under this label (as people label fences and wheels)
};

struct Texel {
  Colour colour;   // share of the light that is reflected
  float glow = 0;  // share that shines by itself
  Cover cover = Cover::kSolid;
};

using Shader = std::function<Texel(const SurfacePoint&)>;

inline Shader plain(Colour colour) {
  return [colour](const SurfacePoint&) { return Texel{colour}; };
}

struct Polygon {
  std::vector<Vec3> corners;    // in one plane; need not be convex
  Vec3 origin, u_axis, v_axis;  // u = dot(p - origin, u_axis), v alike
  RawLabel label{};
  Shader shader;
};

// A round rod, thicker at one end where the radii differ. u runs along it, v across, both in metres, v = 0 in the middle.
struct Rod {
  Vec3 from, to;
  float from_radius = 0, to_radius = 0;
  RawLabel label{};
  Shader shader;
};

// An ellipsoid, round as seen from above. u runs across, v up, from its centre.
struct Ball {
  Vec3 centre;
  float radius = 0, height_radius = 0;
  RawLabel label{};
  Shader shader;
};

struct Model {
  std::vector<Polygon> polygons;
  std::vector<Polygon> veils;  // polygons whose shaders may answer kSeeThrough; drawn after all else
  std::vector<Rod> rods;
  std::vector<Ball> balls;
};

// Collects the parts of one object: coordinates are local to `pose`, every part has the same label.
class ModelPen {
 public:
  ModelPen(Model& model, const Pose& pose, RawLabel label) : model_(model), pose_(pose), label_(label) {}

  // The same object from another origin or for another class.
  ModelPen at(const Pose& pose) const { return {model_, pose, label_}; }
  ModelPen as(RawLabel label) const { return {model_, pose_, label}; }
  const Pose& pose() const { return pose_; }

  // A parallelogram; u runs along `across` and v along `up`, in metres from the corner.
  void quad(Vec3 corner, Vec3 across, Vec3 up, Shader shader);
  void veil(Vec3 corner, Vec3 across, Vec3 up, Shader shader);
  // Any flat outline. u and v are measured along the given local directions from the pose's origin: local coordinates, in effect.
  void outline(const std::vector<Vec3>& corners, Vec3 u_axis, Vec3 v_axis, Shader shader);
  // An upright box: `side` on the faces across y, `ends` on those across x, `top` above. u and v start at the lower corner.
  struct BoxShaders {
    Shader side, ends, top;
  };
  void box(Vec3 low, Vec3 high, const BoxShaders& shaders);
  void rod(Vec3 from, Vec3 to, float radius, Shader shader) { rod(from, to, radius, radius, std::move(shader)); }
  void rod(Vec3 from, Vec3 to, float from_radius, float to_radius, Shader shader);
  void ball(Vec3 centre, float radius, float height_radius, Shader shader);

 private:
  Polygon parallelogram(Vec3 corner, Vec3 across, Vec3 up, Shader shader) const;

  Model& model_;
  Pose pose_;
  RawLabel label_;
};

}  // namespace strata::scenes
