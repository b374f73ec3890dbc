#include "scenes/site.h"

namespace strata::scenes {

namespace {

constexpr float kFarEnd = 95;  // m along the street
constexpr float kHouseDepth = 9;

enum class Front { kHouse, kWall, kFence, kGarden };

// One stretch of a side, between its facades' line and whatever is behind.
struct Stretch {
  const StreetSide& side;
  float begin, end;

  float outwards(float metres) const { return -side.sign * metres; }  // local y of frontages runs to the left
};

PlacedObject frontage(const Site& site, Kind kind, const Stretch& stretch, float setback, Dice& dice) {
  const float t = stretch.side.t(stretch.side.front + setback);
  const Vec3 from = site.street().at(stretch.begin, t), to = site.street().at(stretch.end, t);
  return {kind, {from, unit(to - from)}, length(to - from), stretch.outwards(kHouseDepth), dice.seed()};
}

void add_trees(Site& site, const Stretch& stretch, float setback, int count, Dice& dice) {
  for (int tree = 0; tree < count; ++tree) {
    const float s = dice.real(stretch.begin, stretch.end);
    const float t = stretch.side.t(stretch.side.front + setback + dice.real(0, 4));
    const Kind kind = dice.chance(0.3f) ? Kind::kConifer : Kind::kTree;
    site.add({kind, site.street().pose(s, t), 0, 0, dice.seed()});
  }
}

// Behind walls, fences and gardens.
void add_background(Site& site, const Stretch& stretch, Dice& dice) {
  if (dice.chance(0.5f)) {
    site.add(frontage(site, Kind::kBuilding, stretch, dice.real(5, 10), dice));
  } else {
    add_trees(site, stretch, 2.5f, dice.whole(1, 3), dice);
  }
}

void add_front(Site& site, Front front, const Stretch& stretch, Dice& dice) {
  switch (front) {
    case Front::kHouse:
      site.add(frontage(site, Kind::kBuilding, stretch, 0, dice));
      return;
    case Front::kWall:
      site.add(frontage(site, Kind::kWall, stretch, 0, dice));
      break;
    case Front::kFence:
      site.add(frontage(site, Kind::kFence, stretch, 0, dice));
      break;
    case Front::kGarden:
      if (dice.chance(0.6f)) site.add(frontage(site, Kind::kHedge, stretch, 0.5f, dice));
      add_trees(site, stretch, 1.5f, dice.whole(0, 2), dice);
  }
  add_background(site, stretch, dice);
}

void plan_fronts(Site& site, const StreetSide& side, Dice& dice) {
  // Everything comes early on each side, so that no class depends on luck alone.
  std::vector<Front> menu{Front::kHouse, Front::kHouse, Front::kWall, Front::kFence, Front::kFence, Front::kGarden};
  dice.shuffle(menu);
  float s = dice.real(2, 6);
  for (size_t i = 0; s < kFarEnd; ++i) {
    float end = s + dice.real(7, 14) * (s > 40 ? 1.6f : 1.0f);
    const auto& junction = site.street().junction;
    if (junction && junction->opens(side.sign) && s < junction->end + 2 && end > junction->begin - 2) {
      end = junction->begin - 2;
      if (end - s > 4) add_front(site, menu[i % menu.size()], {side, s, end}, dice);
      s = junction->end + 2.2f;
      continue;
    }
    add_front(site, menu[i % menu.size()], {side, s, end}, dice);
    s = end + (dice.chance(0.3f) ? dice.real(0.5f, 3) : 0.0f);
  }
}

void plan_verge(Site& site, const StreetSide& side, Dice& dice) {
  const bool strip = side.strip_end > side.road_edge;
  const float distance = strip ? (side.road_edge + kKerbWidth + side.strip_end) / 2 : side.road_edge + 0.65f;
  const float lamps = dice.real(0.25f, 0.6f);
  const bool trees = dice.chance(0.6f);
  for (float s = dice.real(5, 10); s < 75; s += dice.real(4.5f, 8)) {
    const float t = side.t(distance);
    const Pose to_road{site.street().at(s, t), {-side.sign, 0, 0}};
    const Plot plot = plot_around(s, t, 0.4f, 0.4f);
    if (dice.chance(lamps)) {
      site.place(dice.chance(0.75f) ? Kind::kLampPost : Kind::kUtilityPole, plot, to_road, dice);
    } else if (trees && dice.chance(0.7f)) {
      site.place(Kind::kTree, plot, to_road, dice);
    } else if (dice.chance(0.2f)) {
      site.place(Kind::kBin, plot, to_road, dice);
    }
  }
}

// Sheets around the far end and beside the street, so that the horizon is never bare.
void plan_horizon(Site& site, Dice& dice) {
  for (float x = -200; x < 200; x += 50) {
    const Pose pose{{x, dice.real(105, 165), 0}, {1, 0, 0}};
    site.add({dice.chance(0.5f) ? Kind::kSkyline : Kind::kWoods, pose, 56, 0, dice.seed()});
  }
  for (const float sign : {-1.0f, 1.0f}) {
    const Pose pose{{sign * dice.real(42, 60), 0, 0}, {0, 1, 0}};
    site.add({dice.chance(0.5f) ? Kind::kSkyline : Kind::kWoods, pose, 110, 0, dice.seed()});
  }
}

}  // namespace

void plan_roadside(Site& site, Dice& dice) {
  const Street street = site.street();
  for (const StreetSide* side : {&street.left, &street.right}) {
    plan_fronts(site, *side, dice);
    plan_verge(site, *side, dice);
  }
  plan_horizon(site, dice);
}

}  // namespace strata::scenes
