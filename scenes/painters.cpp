#include "scenes/painters.h"

namespace strata::scenes {

void paint(Model& model, const PlacedObject& object) {
  switch (object.kind) {
    case Kind::kBuilding:
      return paint_building(model, object);
    case Kind::kSkyline:
      return paint_skyline(model, object);
    case Kind::kWall:
      return paint_wall(model, object);
    case Kind::kFence:
      return paint_fence(model, object);
    case Kind::kTree:
      return paint_tree(model, object);
    case Kind::kConifer:
      return paint_conifer(model, object);
    case Kind::kHedge:
      return paint_hedge(model, object);
    case Kind::kWoods:
      return paint_woods(model, object);
    case Kind::kLampPost:
      return paint_lamp_post(model, object);
    case Kind::kUtilityPole:
      return paint_utility_pole(model, object);
    case Kind::kBin:
      return paint_bin(model, object);
    case Kind::kTrafficLight:
      return paint_traffic_light(model, object);
    case Kind::kTrafficSign:
      return paint_traffic_sign(model, object);
    case Kind::kCar:
      return paint_car(model, object);
    case Kind::kTruck:
      return paint_truck(model, object);
    case Kind::kBus:
      return paint_bus(model, object);
    case Kind::kTram:
      return paint_tram(model, object);
    case Kind::kBicycle:
      return paint_bicycle(model, object);
    case Kind::kMotorcycle:
      return paint_motorcycle(model, object);
    case Kind::kCyclist:
      return paint_cyclist(model, object);
    case Kind::kMotorcyclist:
      return paint_motorcyclist(model, object);
    case Kind::kPedestrian:
      return paint_pedestrian(model, object);
  }
}

}  // namespace strata::scenes
