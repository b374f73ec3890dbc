#pragma once
// The ground of a street as seen from above: asphalt and its markings, kerbs, paving, grass.

#include "scenes/layout.h"
#include "scenes/raw_label.h"
#include "scenes/texture.h"

namespace strata::scenes {

class Ground {
 public:
  Ground(const Layout& layout, uint64_t seed);

  struct Patch {
    Colour colour;
    RawLabel label;
  };
  // At the world point (x, y, 0); dx and dy are the metres that a sample covers.
  Patch at(float x, float y, float dx, float dy) const;

 private:
  // A place of the street with the size of a sample.
  struct Place {
    float s, t, ds, dt;
    float footprint;
  };
  Colour asphalt(const Place& p) const;
  Colour paving(const Place& p) const;
  Colour kerb(const Place& p) const;
  Colour grass(const Place& p) const;
  static float blades(const Place& p, float density, uint32_t noise);
  Colour rails(Colour road, const Place& p) const;
  float paint(const Place& p) const;
  float arrow(const Place& p) const;

  Street street_;
  float mirror_;
  uint32_t noise_;
  Colour asphalt_, paint_, paving_, kerb_, leaf_, straw_, soil_;
  float wear_;                      // of the markings, 0..1
  float tile_length_, tile_width_;  // m
  float tile_shift_;                // of every other row, in tiles
  float arrow_s_;
  bool edge_lines_;
};

}  // namespace strata::scenes
