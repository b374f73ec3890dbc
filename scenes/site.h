#pragma once
// A street being furnished: what has been placed, and which ground is taken.

#include "scenes/layout.h"

#include <vector>

namespace strata::scenes {

// Ground along the street, metres.
struct Plot {
  float s_low, s_high, t_low, t_high;

  bool overlaps(const Plot& other) const {
    return s_low < other.s_high && other.s_low < s_high && t_low < other.t_high && other.t_low < t_high;
  }
};

class Site {
 public:
  explicit Site(const Street& street) : street_(street) {}

  const Street& street() const { return street_; }
  std::vector<PlacedObject> take_objects() { return std::move(objects_); }

  // Takes the plot where it is free; false where something stands on it already.
  bool claim(const Plot& plot);
  void add(const PlacedObject& object) { objects_.push_back(object); }
  // Claims the plot and places the object in its middle.
  bool place(Kind kind, const Plot& plot, const Pose& pose, Dice& dice);

 private:
  Street street_;
  std::vector<PlacedObject> objects_;
  std::vector<Plot> taken_;
};

inline Plot plot_around(float s, float t, float half_length, float half_width) {
  return {s - half_length, s + half_length, t - half_width, t + half_width};
}

// roadside.cpp: facades, walls, fences, gardens, the far background, and what stands between footway and road
void plan_roadside(Site& site, Dice& dice);
// traffic.cpp: vehicles that drive and vehicles that are parked
void plan_traffic(Site& site, Dice& dice);
// footways.cpp: signals and signs, people, parked bicycles and motorcycles
void plan_footways(Site& site, Dice& dice);

}  // namespace strata::scenes
