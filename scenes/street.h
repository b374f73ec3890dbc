#pragma once
// The course and the cross-section of a street. A place is (s, t): metres along the street and metres to the right of the
// camera's lane.

#include "scenes/dice.h"
#include "scenes/geometry.h"

#include <optional>
#include <vector>

namespace strata::scenes {

// What follows the road outwards, as distances from t = 0.
struct StreetSide {
  float sign = 1;       // t = sign * distance; -1 is the left side
  float road_edge = 0;  // kerb
  float strip_end = 0;  // grass between kerb and footway; road_edge where there is none
  float walk_end = 0;   // footway
  float front = 0;      // facades, walls and fences; between walk_end and front are gardens

  float t(float distance) const { return sign * distance; }
};

struct Lane {
  float t = 0;          // middle
  float direction = 1;  // 1 away from the camera, -1 towards it
};

// A side street, open to one side or to both.
struct Junction {
  float begin = 0, end = 0;  // s
  bool to_left = false, to_right = false;

  bool opens(float side_sign) const { return side_sign < 0 ? to_left : to_right; }
  bool contains(float s) const { return s >= begin && s <= end; }
};

struct Street {
  float heading = 0;  // dx/ds at the camera
  float bend = 0;     // change of dx/ds per metre
  StreetSide left, right;
  std::vector<Lane> lanes;                           // the camera's first
  std::vector<float> lane_marks;                     // t of the dashed lines
  std::optional<float> rails;                        // t of a tram track's middle
  std::optional<float> parking_left, parking_right;  // t of the middle of a row of parked cars
  std::optional<Junction> junction;
  std::optional<float> zebra;  // s where a pedestrian crossing begins

  float offset(float s) const { return s * (heading + 0.5f * bend * s); }
  Vec3 at(float s, float t) const { return {t + offset(s), s, 0}; }
  // At a place of the street, facing along it (direction 1) or against it (-1).
  Pose pose(float s, float t, float direction = 1) const { return {at(s, t), unit({heading + bend * s, 1, 0}) * direction}; }
  const StreetSide& side(float sign) const { return sign < 0 ? left : right; }
};

inline constexpr float kZebraLength = 3.2f;  // m along the street
inline constexpr float kKerbWidth = 0.28f;   // m

Street plan_street(Dice& dice);

}  // namespace strata::scenes
