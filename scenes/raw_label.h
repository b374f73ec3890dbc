#pragma once
// The raw label ids that scenes are drawn with: those of the Cityscapes layout. Below kRoad all are void.

#include <cstdint>

namespace strata::scenes {

enum class RawLabel : uint8_t {
  kUnlabelled = 0,
  kEgoVehicle = 1,
  kStatic = 4,
  kRoad = 7,
  kSidewalk = 8,
  kBuilding = 11,
  kWall = 12,
  kFence = 13,
  kPole = 17,
  kTrafficLight = 19,
  kTrafficSign = 20,
  kVegetation = 21,
  kTerrain = 22,
  kSky = 23,
  kPerson = 24,
  kRider = 25,
  kCar = 26,
  kTruck = 27,
  kBus = 28,
  kTrain = 31,
  kMotorcycle = 32,
  kBicycle = 33,
};

inline constexpr RawLabel kTrainLabels[] = {
    RawLabel::kRoad, RawLabel::kSidewalk,     RawLabel::kBuilding,    RawLabel::kWall,       RawLabel::kFence,
    RawLabel::kPole, RawLabel::kTrafficLight, RawLabel::kTrafficSign, RawLabel::kVegetation, RawLabel::kTerrain,
    RawLabel::kSky,  RawLabel::kPerson,       RawLabel::kRider,       RawLabel::kCar,        RawLabel::kTruck,
    RawLabel::kBus,  RawLabel::kTrain,        RawLabel::kMotorcycle,  RawLabel::kBicycle};

}  // namespace strata::scenes
