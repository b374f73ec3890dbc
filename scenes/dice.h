#pragma once
// The random choices of one object, fixed by its seed. Where several stand in one call, their order is the compiler's: scenes are
// the same for one build, not for all.

#include "base/random.h"
#include "scenes/colour.h"

#include <array>
#include <span>

namespace strata::scenes {

class Dice {
 public:
  explicit Dice(uint64_t seed) : stream_(seed) {}
  explicit Dice(const RandomKey& key) : stream_(key) {}

  float real(float low, float high) { return static_cast<float>(stream_.uniform(low, high)); }
  int whole(int low, int high) { return static_cast<int>(stream_.between(low, high)); }  // both ends included
  bool chance(float probability) { return stream_.uniform() < probability; }
  float sign() { return chance(0.5f) ? 1.0f : -1.0f; }
  uint64_t seed() { return stream_(); }
  uint32_t noise_seed() { return static_cast<uint32_t>(stream_() >> 32); }

  template <typename T, size_t n>
  const T& pick(const T (&values)[n]) {
    return values[stream_.below(n)];
  }
  template <typename Range>
  void shuffle(Range& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[stream_.below(i)]);
  }

 private:
  RandomStream stream_;
};

// Colours that several classes share, so that none can be told by its colour.
Colour paint_colour(Dice& dice);  // vehicles, doors, boards
Colour cloth_colour(Dice& dice);
Colour masonry_colour(Dice& dice);  // facades, walls, paving
Colour plant_colour(Dice& dice);    // leaves and grass, spring to autumn
Colour metal_colour(Dice& dice);    // poles, fences, frames
Colour skin_colour(Dice& dice);

}  // namespace strata::scenes
