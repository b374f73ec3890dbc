#pragma once
// What stands where: a street and the list of objects along it.

#include "scenes/street.h"

#include <cstdint>
#include <vector>

namespace strata::scenes {

enum class Kind {
  kBuilding,
  kSkyline,
  kWall,
  kFence,
  kTree,
  kConifer,
  kHedge,
  kWoods,
  kLampPost,
  kUtilityPole,
  kBin,
  kTrafficLight,
  kTrafficSign,
  kCar,
  kTruck,
  kBus,
  kTram,
  kBicycle,
  kMotorcycle,
  kCyclist,
  kMotorcyclist,
  kPedestrian,
};

struct PlacedObject {
  Kind kind;
  Pose pose;          // single things: their middle on the ground. Frontages: their near end, facing along the street.
  float length = 0;   // of frontages along the street, m
  float depth = 0;    // of frontages away from the street, m; positive to the left
  uint64_t seed = 0;  // everything else about it
};

struct Layout {
  Street street;
  std::vector<PlacedObject> objects;
  float mirror = 1;  // -1: the objects stand mirrored, at -x of what the street says; people drive on the left there
};

Layout plan_layout(Dice& dice);

}  // namespace strata::scenes
