#pragma once
// One painter per kind of object: each turns a placed object into polygons, rods and balls of its class. What makes an object
// this one and no other (colours, sizes, style) follows from its seed.

#include "scenes/layout.h"
#include "scenes/model.h"

namespace strata::scenes {

void paint(Model& model, const PlacedObject& object);

// buildings.cpp
void paint_building(Model& model, const PlacedObject& object);
void paint_skyline(Model& model, const PlacedObject& object);
// barriers.cpp
void paint_wall(Model& model, const PlacedObject& object);
void paint_fence(Model& model, const PlacedObject& object);
// vegetation.cpp
void paint_tree(Model& model, const PlacedObject& object);
void paint_conifer(Model& model, const PlacedObject& object);
void paint_hedge(Model& model, const PlacedObject& object);
void paint_woods(Model& model, const PlacedObject& object);
// street_furniture.cpp
void paint_lamp_post(Model& model, const PlacedObject& object);
void paint_utility_pole(Model& model, const PlacedObject& object);
void paint_bin(Model& model, const PlacedObject& object);
// traffic_lights.cpp, traffic_signs.cpp
void paint_traffic_light(Model& model, const PlacedObject& object);
void paint_traffic_sign(Model& model, const PlacedObject& object);
// cars.cpp
void paint_car(Model& model, const PlacedObject& object);
// large_vehicles.cpp, trams.cpp
void paint_truck(Model& model, const PlacedObject& object);
void paint_bus(Model& model, const PlacedObject& object);
void paint_tram(Model& model, const PlacedObject& object);
// two_wheelers.cpp
void paint_bicycle(Model& model, const PlacedObject& object);
void paint_motorcycle(Model& model, const PlacedObject& object);
void paint_cyclist(Model& model, const PlacedObject& object);
void paint_motorcyclist(Model& model, const PlacedObject& object);
// people.cpp
void paint_pedestrian(Model& model, const PlacedObject& object);

}  // namespace strata::scenes
