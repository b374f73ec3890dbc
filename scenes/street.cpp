#include "scenes/street.h"

namespace strata::scenes {

namespace {

constexpr float kParkingWidth = 2.3f;

void plan_lanes(Street& street, Dice& dice) {
  const float width = dice.real(2.9f, 3.5f);
  street.lanes.push_back({0, 1});
  float t = 0;
  for (int lane = dice.whole(1, 2); lane > 0; --lane) {
    street.lane_marks.push_back(t - width / 2);
    t -= width;
    street.lanes.push_back({t, lane == 2 && dice.chance(0.3f) ? 1.0f : -1.0f});
  }
  street.left.road_edge = width / 2 - t + dice.real(0, 0.4f);
  street.right.road_edge = width / 2 + dice.real(0, 0.8f);
  if (dice.chance(0.2f)) {
    street.lane_marks.push_back(width / 2);
    street.lanes.push_back({width, 1});
    street.right.road_edge += width;
  }
  if (dice.chance(0.65f))
    street.rails = street.lanes[static_cast<size_t>(dice.whole(1, static_cast<int>(street.lanes.size()) - 1))].t;
}

std::optional<float> plan_parking(StreetSide& side, float probability, Dice& dice) {
  if (!dice.chance(probability)) return std::nullopt;
  const float middle = side.road_edge + kParkingWidth / 2;
  side.road_edge += kParkingWidth;
  return side.t(middle);
}

void plan_side(StreetSide& side, Dice& dice) {
  side.strip_end = side.road_edge + (dice.chance(0.45f) ? dice.real(1.0f, 2.2f) : 0);
  side.walk_end = side.strip_end + dice.real(1.8f, 3.2f);
  side.front = side.walk_end + (dice.chance(0.4f) ? dice.real(0.8f, 3.0f) : 0);
}

}  // namespace

Street plan_street(Dice& dice) {
  Street street;
  street.left.sign = -1;
  street.heading = dice.real(-0.1f, 0.1f);
  street.bend = dice.real(-0.006f, 0.006f);
  plan_lanes(street, dice);
  street.parking_left = plan_parking(street.left, 0.25f, dice);
  street.parking_right = plan_parking(street.right, 0.3f, dice);
  plan_side(street.left, dice);
  plan_side(street.right, dice);
  if (dice.chance(0.6f)) {
    const float begin = dice.real(12, 26);
    Junction junction{begin, begin + dice.real(7, 11)};
    junction.to_left = dice.chance(0.65f);
    junction.to_right = !junction.to_left || dice.chance(0.5f);
    street.junction = junction;
  }
  if (dice.chance(0.7f)) {
    street.zebra = street.junction ? street.junction->begin - kZebraLength - 1 : dice.real(7, 18);
  }
  return street;
}

}  // namespace strata::scenes
