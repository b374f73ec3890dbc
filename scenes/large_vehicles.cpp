#include "scenes/painters.h"
#include "scenes/texture.h"
#include "scenes/vehicle_parts.h"

namespace strata::scenes {

namespace {

constexpr float kWheel = 0.5f;  // radius of a lorry's and a bus's wheels, m

// --- lorries: a cab, a gap, a box with ribs or a tarpaulin

struct TruckLook {
  float length = 8, box_low = 1.0f, box_top = 3.5f, half_width = 1.25f;
  float cab_back = 0;  // x
  float rib = 0.5f;    // m from rib to rib
  Colour cab, box, mark;
  uint32_t noise = 0;

  Texel box_side(const SurfacePoint& p) const {
    const float rise = (p.v - box_low) / (box_top - box_low);
    const float ribs = pulses(p.u + 20, rib, 0.35f * rib, p.du);
    Colour colour = box * (0.72f + 0.38f * ribs);
    const float letters = inside(rise, 0.42f, 0.72f, 0.02f) * inside(p.u, -length * 0.36f, length * 0.1f, p.du) *
                          (0.35f + 0.65f * (cell_value(floor_to_int(p.u / 0.35f), 0, noise) > 0.35f));
    colour = mix(colour, mark, 0.85f * letters);
    return {mix(colour, display_grey(55), std::max(inside(rise, -1, 0.06f, p.dv), inside(rise, 0.95f, 2, p.dv)))};
  }
  Texel box_rear(const SurfacePoint& p) const {
    const float across = std::abs(p.u);
    Colour colour = box * 0.95f;
    colour = mix(colour, display_grey(25), inside(across, -1, 0.03f, p.du));
    for (const float bar : {0.35f, 0.85f})
      colour = mix(colour, display_grey(200), inside(across, bar - 0.035f, bar + 0.035f, p.du));
    colour = mix(colour, display_grey(60), inside(across, half_width - 0.1f, 9, p.du));
    if (p.v > box_low + 0.28f) return {colour};
    const float chevron = pulses(across + p.v + 5, 0.5f, 0.25f, p.du + p.dv);  // red and white across the tail
    return {mix(display_grey(235), display(205, 25, 25), chevron)};
  }
  Texel cab_side(const SurfacePoint& p) const {
    const float back = cab_back, front = length / 2;
    const float pane = inside(p.u, back + 0.5f, front - 0.15f, p.du) * inside(p.v, 1.75f, 2.5f, p.dv);
    Colour colour = mix(cab * (0.85f + 0.1f * p.v), window_glass(p.v - 1.6f, 0.6f), pane);
    colour = mix(colour, display_grey(20), 0.8f * inside(p.u, back + 0.38f, back + 0.42f, p.du));
    return {mix(colour, display_grey(12), wheel_arch(p, front - 0.95f, kWheel))};
  }
  Texel cab_front(const SurfacePoint& p) const {
    const float across = std::abs(p.u);
    const float pane = inside(across, -1, half_width - 0.14f, p.du) * inside(p.v, 1.65f, 2.5f, p.dv);
    Colour colour = mix(cab, window_glass(p.v - 1.6f, 0.7f), pane);
    const float grille = inside(across, -1, 0.75f, p.du) * inside(p.v, 0.85f, 1.5f, p.dv);
    colour = mix(colour, mix(display_grey(25), display_grey(150), pulses(p.v, 0.16f, 0.06f, p.dv)), grille);
    colour = mix(colour, display_grey(45), inside(p.v, -1, 0.72f, p.dv));
    const float lamp = inside(across, 0.85f, 1.15f, p.du) * inside(p.v, 0.55f, 0.75f, p.dv);
    return {mix(colour, display(250, 248, 230), lamp), 0.3f * lamp};
  }
};

void add_cab(ModelPen& pen, const TruckLook& truck) {
  const float front = truck.length / 2, w = truck.half_width - 0.05f;
  const Shader face = [truck](const SurfacePoint& p) { return truck.cab_front(p); };
  const std::vector<HullPoint> profile{{truck.cab_back, 0.45f, w},
                                       {truck.cab_back, 2.85f, w},
                                       {front - 0.35f, 2.85f, w},
                                       {front - 0.05f, 1.6f, w},
                                       {front, 0.45f, w}};
  const Shader rims[] = {plain(truck.cab * 0.6f), plain(truck.cab), face, face, plain(display_grey(15))};
  add_hull(
      pen, profile, [truck](const SurfacePoint& p) { return truck.cab_side(p); }, [&](size_t i) { return rims[i]; });
  for (const float side : {-1.0f, 1.0f}) {  // mirrors
    const Shader mirror = plain(display_grey(25));
    pen.box({front - 0.2f, side * (w + 0.15f) - 0.1f, 1.75f}, {front - 0.1f, side * (w + 0.15f) + 0.1f, 2.3f},
            {mirror, mirror, mirror});
  }
}

// --- buses: one long band of windows, doors, a lit destination

struct BusLook {
  float length = 11, height = 3.05f, half_width = 1.26f;
  Colour paint, stripe;
  float pane = 1.5f;  // m from pillar to pillar
  float door[2] = {3.8f, -0.4f};
  float axle[2] = {};

  Texel side(const SurfacePoint& p) const {
    Colour colour = mix(paint, stripe, inside(p.v, 0.62f, 0.9f, p.dv));
    colour = mix(colour, stripe, inside(p.v, 2.62f, 2.74f, p.dv));
    const float band = inside(p.v, 1.2f, 2.5f, p.dv) * inside(p.u, -length / 2 + 0.3f, length / 2 - 0.12f, p.du);
    const float pillars = pulses(p.u + 30, pane, 0.1f, p.du);
    colour = mix(colour, mix(window_glass((p.v - 1.2f) / 1.3f, 0.55f), display_grey(18), pillars), band);
    for (const float x : door) {
      const float leaf = inside(p.u, x - 0.62f, x + 0.62f, p.du) * inside(p.v, 0.38f, 2.5f, p.dv);
      const float frame = std::max(pulses(p.u - x + 0.62f, 0.62f, 0.08f, p.du), inside(p.v, 0.38f, 0.5f, p.dv));
      colour = mix(colour, mix(window_glass(0.3f, 0.5f), display_grey(165), frame), leaf);
    }
    return {mix(colour, display_grey(12), std::max(wheel_arch(p, axle[0], kWheel), wheel_arch(p, axle[1], kWheel)))};
  }
  Texel front(const SurfacePoint& p) const {
    const float across = std::abs(p.u);
    const float pane_share = inside(across, -1, half_width - 0.08f, p.du) * inside(p.v, 1.0f, 2.45f, p.dv);
    Colour colour = mix(mix(paint, stripe, inside(p.v, 0.62f, 0.9f, p.dv)), window_glass((p.v - 1) / 1.5f, 0.6f), pane_share);
    colour = mix(colour, display_grey(20), pane_share * inside(across, -1, 0.025f, p.du));
    const float lamp = inside(across, 0.8f, 1.12f, p.du) * inside(p.v, 0.5f, 0.7f, p.dv);
    const float display_box = inside(across, -1, 0.95f, p.du) * inside(p.v, 2.52f, 2.88f, p.dv);
    const float letters = inside(across, -1, 0.8f, p.du) * inside(p.v, 2.6f, 2.8f, p.dv) * pulses(p.u + 3, 0.22f, 0.14f, p.du);
    colour = mix(colour, display_grey(14), display_box);
    colour = mix(mix(colour, display(255, 165, 30), letters), display(250, 248, 230), lamp);
    return {colour, 0.8f * letters + 0.3f * lamp};
  }
  Texel rear(const SurfacePoint& p) const {
    const float across = std::abs(p.u);
    const float pane_share = inside(across, -1, half_width - 0.22f, p.du) * inside(p.v, 1.75f, 2.5f, p.dv);
    Colour colour = mix(paint, window_glass((p.v - 1.75f) / 0.75f, 0.6f), pane_share);
    const float grille = inside(across, -1, 0.8f, p.du) * inside(p.v, 0.65f, 1.3f, p.dv);
    colour = mix(colour, mix(display_grey(28), stripe, pulses(p.v, 0.13f, 0.05f, p.dv)), grille);
    colour = mix(colour, display_grey(40), inside(p.v, -1, 0.5f, p.dv));
    const float lamp = inside(across, half_width - 0.22f, half_width - 0.05f, p.du) * inside(p.v, 0.7f, 1.5f, p.dv);
    return {mix(colour, display(215, 25, 25), lamp), 0.2f * lamp};
  }
};

BusLook choose_bus(Dice& dice) {
  BusLook bus;
  bus.length = dice.real(9.5f, 12);
  bus.paint = paint_colour(dice);
  bus.stripe = paint_colour(dice);
  bus.pane = dice.real(1.3f, 1.7f);
  bus.door[0] = bus.length / 2 - 1.0f;
  bus.door[1] = dice.real(-1, 0.6f);
  bus.axle[0] = bus.length / 2 - 2.5f;
  bus.axle[1] = -bus.length / 2 + 3.0f;
  return bus;
}

}  // namespace

void paint_truck(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  TruckLook truck;
  truck.length = dice.real(7, 9.5f);
  truck.cab_back = truck.length / 2 - dice.real(1.7f, 2.1f);
  truck.box_top = dice.real(3.2f, 3.8f);
  truck.rib = dice.real(0.4f, 0.6f);
  truck.cab = paint_colour(dice);
  truck.box = dice.chance(0.5f) ? truck.cab : paint_colour(dice);
  truck.mark = paint_colour(dice);
  truck.noise = dice.noise_seed();
  ModelPen pen(model, object.pose, RawLabel::kTruck);
  add_cab(pen, truck);
  const float rear = -truck.length / 2, box_front = truck.cab_back - 0.5f, w = truck.half_width;
  const Shader chassis = plain(display_grey(32));
  pen.box({rear, -w * 0.8f, 0.55f}, {truck.cab_back, w * 0.8f, truck.box_low}, {chassis, chassis, chassis});
  const std::vector<HullPoint> box{{rear, truck.box_low - 0.3f, w},
                                   {rear, truck.box_top, w},
                                   {box_front, truck.box_top, w},
                                   {box_front, truck.box_low - 0.3f, w}};
  const Shader rims[] = {[truck](const SurfacePoint& p) { return truck.box_rear(p); }, plain(truck.box), plain(truck.box * 0.9f),
                         chassis};
  add_hull(
      pen, box, [truck](const SurfacePoint& p) { return truck.box_side(p); }, [&](size_t i) { return rims[i]; });
  const Colour rim = display_grey(dice.real(110, 190));
  for (const float x : {truck.length / 2 - 0.95f, rear + 2.6f, rear + 1.4f}) {
    for (const float side : {-1.0f, 1.0f}) add_wheel(pen, {x, side * (w + 0.01f), kWheel, 0.34f}, rim);
  }
}

void paint_bus(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const BusLook bus = choose_bus(dice);
  ModelPen pen(model, object.pose, RawLabel::kBus);
  const float half = bus.length / 2, w = bus.half_width;
  const std::vector<HullPoint> body{{-half, 0.35f, w},
                                    {-half, bus.height - 0.2f, w},
                                    {-half + 0.2f, bus.height, w - 0.12f},
                                    {half - 0.2f, bus.height, w - 0.12f},
                                    {half, bus.height - 0.25f, w},
                                    {half, 0.35f, w}};
  const Shader front = [bus](const SurfacePoint& p) { return bus.front(p); };
  const Shader roof = plain(mix(bus.paint, display_grey(225), 0.5f));
  const Shader rims[] = {[bus](const SurfacePoint& p) { return bus.rear(p); }, roof, roof, roof, front, plain(display_grey(15))};
  add_hull(
      pen, body, [bus](const SurfacePoint& p) { return bus.side(p); }, [&](size_t i) { return rims[i]; });
  const float x = dice.real(-2, 2);
  pen.box({x - 1.1f, -0.7f, bus.height}, {x + 1.1f, 0.7f, bus.height + 0.25f}, {roof, roof, roof});
  for (const float axle : bus.axle) {
    for (const float side : {-1.0f, 1.0f}) add_wheel(pen, {axle, side * (w + 0.01f), kWheel, 0.3f}, display_grey(150));
  }
}

}  // namespace strata::scenes
