#include "scenes/layout.h"

#include "scenes/site.h"

#include <algorithm>

namespace strata::scenes {

bool Site::claim(const Plot& plot) {
  const auto meets = [&](const Plot& other) { return plot.overlaps(other); };
  if (std::any_of(taken_.begin(), taken_.end(), meets)) return false;
  taken_.push_back(plot);
  return true;
}

bool Site::place(Kind kind, const Plot& plot, const Pose& pose, Dice& dice) {
  const uint64_t seed = dice.seed();
  if (!claim(plot)) return false;
  add({kind, pose, 0, 0, seed});
  return true;
}

namespace {

// Things are turned, not mirrored themselves: what is written on them stays readable.
void mirror(Layout& layout) {
  layout.mirror = -1;
  for (PlacedObject& object : layout.objects) {
    object.pose.origin.x *= -1;
    object.pose.ahead.x *= -1;
    object.depth *= -1;
  }
}

}  // namespace

Layout plan_layout(Dice& dice) {
  Site site(plan_street(dice));
  plan_traffic(site, dice);
  plan_footways(site, dice);
  plan_roadside(site, dice);
  Layout layout{site.street(), site.take_objects()};
  if (dice.chance(0.5f)) mirror(layout);
  return layout;
}

}  // namespace strata::scenes
