#pragma once
// The world of a scene: metres, x to the right, y ahead, z up; the camera stands above the origin and looks along y.

#include "scenes/maths.h"

namespace strata::scenes {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(Vec3 a, float k) { return {a.x * k, a.y * k, a.z * k}; }
inline float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline float length(Vec3 a) { return std::sqrt(dot(a, a)); }
inline Vec3 unit(Vec3 a) { return a * (1 / std::max(length(a), 1e-9f)); }
inline Vec3 mix(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }

// Where an object stands and which way it faces. Local coordinates are x ahead of the object, y to its left, z up.
struct Pose {
  Vec3 origin;
  Vec3 ahead{0, 1, 0};  // unit, horizontal

  Vec3 left() const { return {-ahead.y, ahead.x, 0}; }
  Vec3 direction(Vec3 local) const { return ahead * local.x + left() * local.y + Vec3{0, 0, local.z}; }
  Vec3 at(Vec3 local) const { return origin + direction(local); }

  // The same place, facing `radians` further to the left.
  Pose turned(float radians) const { return {origin, ahead * cosine(radians) + left() * sine(radians)}; }
  Pose moved(Vec3 local) const { return {at(local), ahead}; }
};

// A pinhole camera whose image plane stands upright: the horizon is moved by shifting the lens, so verticals stay vertical.
struct Camera {
  float focal = 0;      // px
  float centre_x = 0;   // px
  float horizon_y = 0;  // px
  float height = 0;     // m above the ground

  float image_x(Vec3 p) const { return centre_x + focal * p.x / p.y; }
  float image_y(Vec3 p) const { return horizon_y - focal * (p.z - height) / p.y; }
  // The view ray through an image point, scaled to y = 1.
  Vec3 ray(float x, float y) const { return {(x - centre_x) / focal, 1, (horizon_y - y) / focal}; }
};

inline constexpr float kNearPlane = 0.5f;  // m

}  // namespace strata::scenes
