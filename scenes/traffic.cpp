#include "scenes/site.h"

namespace strata::scenes {

namespace {

// Half the ground that a vehicle takes, with the gap it keeps; m.
struct Size {
  float half_length, half_width;
};

Size size_of(Kind kind) {
  switch (kind) {
    case Kind::kTram:
      return {9.5f, 1.4f};
    case Kind::kBus:
      return {7, 1.4f};
    case Kind::kTruck:
      return {5.8f, 1.4f};
    case Kind::kMotorcyclist:
    case Kind::kCyclist:
      return {1.6f, 0.5f};
    default:
      return {3.2f, 1.1f};
  }
}

// Puts the vehicle into its lane at the first free place from `near` on.
bool queue(Site& site, Kind kind, const Lane& lane, float near, float far, Dice& dice) {
  const Size size = size_of(kind);
  for (float s = near + size.half_length; s < far; s += 2.5f) {
    const float t = lane.t + dice.real(-0.2f, 0.2f);
    if (site.place(kind, plot_around(s, t, size.half_length, size.half_width), site.street().pose(s, t, lane.direction), dice))
      return true;
  }
  return false;
}

const Lane& any_lane(const Street& street, Dice& dice) {
  return street.lanes[static_cast<size_t>(dice.whole(0, static_cast<int>(street.lanes.size()) - 1))];
}

// The camera's own lane is kept open a little further.
float nearest_in(Kind kind, const Lane& lane, Dice& dice) {
  if (kind == Kind::kMotorcyclist) return dice.real(3.5f, 8);
  return lane.t == 0 ? dice.real(7, 14) : dice.real(4.5f, 10);
}

void drive_tram(Site& site, Dice& dice) {
  if (!site.street().rails || !dice.chance(0.9f)) return;
  for (const Lane& lane : site.street().lanes) {
    if (lane.t == *site.street().rails) queue(site, Kind::kTram, {lane.t, lane.direction}, dice.real(5, 15), 50, dice);
  }
}

void drive_vehicles(Site& site, Dice& dice) {
  const Street street = site.street();
  std::vector<Kind> cast;
  if (dice.chance(0.65f)) cast.push_back(Kind::kBus);
  if (dice.chance(0.65f)) cast.push_back(Kind::kTruck);
  if (dice.chance(0.8f)) cast.push_back(Kind::kMotorcyclist);
  cast.push_back(Kind::kCar);
  dice.shuffle(cast);
  for (int more = dice.whole(1, 3); more > 0; --more) cast.push_back(Kind::kCar);
  for (const Kind kind : cast) {
    const Lane lane = any_lane(street, dice);
    queue(site, kind, lane, nearest_in(kind, lane, dice), 70, dice);
  }
}

// A vehicle on the side street, seen from its side.
void cross_junction(Site& site, Dice& dice) {
  const Street street = site.street();
  if (!street.junction || !dice.chance(0.6f)) return;
  const Kind kinds[] = {Kind::kBus, Kind::kBus, Kind::kTruck, Kind::kTruck, Kind::kCar, Kind::kMotorcyclist, Kind::kCyclist};
  const Kind kind = dice.pick(kinds);
  const Size size = size_of(kind);
  const float s = (street.junction->begin + street.junction->end) / 2 + dice.real(-1.5f, 1.5f);
  const float t =
      street.junction->to_left && (!street.junction->to_right || dice.chance(0.5f)) ? dice.real(-12, 0) : dice.real(0, 12);
  const Pose pose{street.at(s, t), {dice.sign(), 0, 0}};
  site.place(kind, plot_around(s, t, size.half_width, size.half_length), pose, dice);
}

void ride_bicycles(Site& site, Dice& dice) {
  const Street street = site.street();
  for (int riders = dice.whole(1, 2); riders > 0; --riders) {
    const bool ours = dice.chance(0.6f);
    const StreetSide& side = street.side(ours ? 1 : -1);
    const float inset = (ours ? street.parking_right : street.parking_left) ? 3.1f : 0.8f;
    queue(site, Kind::kCyclist, {side.t(side.road_edge - inset), ours ? 1.0f : -1.0f}, dice.real(3.5f, 10), 40, dice);
  }
}

void park(Site& site, const std::optional<float>& row, Dice& dice) {
  if (!row) return;
  const Street& street = site.street();
  const float direction = dice.chance(0.8f) == (*row > 0) ? 1.0f : -1.0f;
  for (float s = dice.real(4, 9); s < 70; s += dice.real(5.2f, 6.2f)) {
    if (street.junction && s > street.junction->begin - 6 && s < street.junction->end + 5) continue;
    if (!dice.chance(0.6f)) continue;
    const Kind kind = dice.chance(0.12f) ? Kind::kTruck : Kind::kCar;
    const Size size = size_of(kind);
    site.place(kind, plot_around(s, *row, size.half_length * 0.85f, 1.1f), street.pose(s, *row, direction), dice);
  }
}

}  // namespace

void plan_traffic(Site& site, Dice& dice) {
  drive_tram(site, dice);
  cross_junction(site, dice);
  ride_bicycles(site, dice);
  drive_vehicles(site, dice);
  park(site, site.street().parking_right, dice);
  park(site, site.street().parking_left, dice);
}

}  // namespace strata::scenes
