#include "scenes/site.h"

namespace strata::scenes {

namespace {

// Facing the camera, give or take.
Pose towards_camera(const Street& street, float s, float t, float spread, Dice& dice) {
  return street.pose(s, t, -1).turned(dice.real(-spread, spread));
}

void place_light(Site& site, const StreetSide& side, float s, Dice& dice) {
  const float t = side.t(side.road_edge + 0.6f);
  PlacedObject light{Kind::kTrafficLight, towards_camera(site.street(), s, t, 0.25f, dice), 0, -side.sign, dice.seed()};
  if (dice.chance(0.15f)) light.pose.ahead = light.pose.ahead * -1;  // for the others
  if (site.claim(plot_around(s, t, 0.4f, 0.4f))) site.add(light);
}

void plan_lights(Site& site, Dice& dice) {
  const Street street = site.street();
  float s = dice.real(8, 22);
  if (street.zebra) {
    s = *street.zebra - 0.6f;
  } else if (street.junction) {
    s = street.junction->begin - 1;
  } else if (!dice.chance(0.6f)) {
    return;
  }
  for (const StreetSide* side : {&street.left, &street.right}) {
    if (dice.chance(0.85f)) place_light(site, *side, s, dice);
    if (street.junction && dice.chance(0.6f)) place_light(site, *side, street.junction->end + 1, dice);
  }
}

void plan_signs(Site& site, Dice& dice) {
  const Street street = site.street();
  for (int signs = dice.whole(3, 6); signs > 0; --signs) {
    const StreetSide& side = street.side(dice.chance(0.65f) ? 1 : -1);
    const float s = dice.real(6, 26);
    const float t = side.t(side.road_edge + dice.real(0.5f, 0.9f));
    Pose pose = towards_camera(street, s, t, 0.35f, dice);
    if (dice.chance(0.12f)) pose.ahead = pose.ahead * -1;
    site.place(Kind::kTrafficSign, plot_around(s, t, 0.5f, 0.5f), pose, dice);
  }
}

// A row of parked bicycles or motorcycles, side by side or one behind the other.
void park_row(Site& site, Kind kind, Dice& dice) {
  const Street street = site.street();
  const StreetSide& side = street.side(dice.sign());
  const bool side_by_side = dice.chance(0.45f);
  const bool at_front = dice.chance(0.4f);
  const float width = side_by_side ? 1.0f : 0.35f;  // half of what one takes across the footway
  const float t = side.t(at_front ? side.walk_end - width : side.strip_end + 0.35f + width);
  const float gap = side_by_side ? dice.real(0.7f, 1.1f) : 2.2f;
  float s = dice.real(7, 13);
  for (int count = dice.whole(3, 5); count > 0; --count, s += gap) {
    const Pose along = street.pose(s, t, dice.sign());
    const Pose pose = along.turned((side_by_side ? kPi / 2 : 0) + dice.real(-0.25f, 0.25f));
    site.place(kind, plot_around(s, t, gap * 0.49f, width), pose, dice);
  }
}

void walk(Site& site, const StreetSide& side, Dice& dice) {
  const Street& street = site.street();
  const float s = dice.chance(0.65f) ? dice.real(6, 14) : dice.real(15, 45);
  const float t = side.t(dice.real(side.strip_end + 0.4f, side.walk_end - 0.3f));
  const float turn = dice.chance(0.75f) ? dice.real(-0.4f, 0.4f) : dice.real(-kPi, kPi);
  for (int company = dice.chance(0.3f) ? 2 : 1; company > 0; --company) {
    const float beside = t + 0.7f * static_cast<float>(company - 1);
    site.place(Kind::kPedestrian, plot_around(s, beside, 0.3f, 0.3f), street.pose(s, beside, dice.sign()).turned(turn), dice);
  }
}

void cross_road(Site& site, Dice& dice) {
  const Street street = site.street();
  const float from = street.zebra ? *street.zebra : dice.real(9, 25);
  const int people = street.zebra ? dice.whole(2, 5) : dice.whole(0, 1);
  for (int person = 0; person < people; ++person) {
    const float s = from + dice.real(0.3f, kZebraLength - 0.3f);
    const float t = dice.real(-street.left.road_edge, street.right.road_edge);
    const Pose pose = Pose{street.at(s, t), {dice.sign(), 0, 0}}.turned(dice.real(-0.3f, 0.3f));
    site.place(Kind::kPedestrian, plot_around(s, t, 0.4f, 0.4f), pose, dice);
  }
}

}  // namespace

void plan_footways(Site& site, Dice& dice) {
  const Street street = site.street();
  plan_lights(site, dice);
  plan_signs(site, dice);
  cross_road(site, dice);
  if (dice.chance(0.85f)) park_row(site, Kind::kBicycle, dice);
  if (dice.chance(0.75f)) park_row(site, Kind::kMotorcycle, dice);
  for (const StreetSide* side : {&street.left, &street.right}) {
    for (int people = dice.whole(2, 5); people > 0; --people) walk(site, *side, dice);
  }
}

}  // namespace strata::scenes
