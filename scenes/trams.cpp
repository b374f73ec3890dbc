#include "scenes/painters.h"
#include "scenes/texture.h"
#include "scenes/vehicle_parts.h"

namespace strata::scenes {

namespace {

// A tram: cars joined by bellows, round-cornered single windows, a ribbed skirt over the wheels, slanted noses, a pantograph.
struct TramLook {
  float car_length = 8, height = 3.45f, half_width = 1.22f;
  Colour upper, skirt, band;

  Texel side(const SurfacePoint& p) const {
    if (p.v < 1.15f) return {skirt * (0.6f + 0.5f * pulses(p.v, 0.2f, 0.1f, p.dv))};
    Colour colour = mix(upper, band, inside(p.v, 1.15f, 1.42f, p.dv));
    const int window = floor_to_int(p.u / 1.7f + 50);
    const float across = (fraction(p.u / 1.7f + 50) - 0.5f) * 1.7f;
    const bool door = window % 3 == 1;
    const float low = door ? 0.4f : 1.6f, high = 2.75f;
    const float half_high = (high - low) / 2;
    const float dx = std::max(0.0f, std::abs(across) - 0.38f),
                dz = std::max(0.0f, std::abs(p.v - low - half_high) - half_high + 0.25f);
    const float pane = inside(std::sqrt(dx * dx + dz * dz), -1, 0.25f, p.du);  // round corners
    const float leaf = door ? inside(std::abs(across), -1, 0.05f, p.du) : 0;
    colour = mix(colour, mix(window_glass((p.v - low) / (high - low), 0.5f), band, leaf), pane);
    return {mix(colour, display_grey(70), inside(p.v, 3.1f, 3.2f, p.dv))};
  }
  Texel nose(const SurfacePoint& p) const {
    const float across = std::abs(p.u);
    const float pane = inside(across, -1, half_width - 0.2f, p.du) * inside(p.v, 1.65f, 2.75f, p.dv);
    const float chevron = inside(p.v - 0.55f - across * 0.55f, 0, 0.38f, p.du + p.dv);
    Colour colour = mix(p.v < 1.5f ? skirt : upper, band, chevron);
    colour = mix(colour, window_glass((p.v - 1.65f) / 1.1f, 0.7f), pane);
    const float low_lamps = inside(std::sqrt(square(across - 0.85f) + square(p.v - 0.75f)), -1, 0.13f, p.du);
    const float top_lamp = inside(std::sqrt(square(across) + square(p.v - 3.0f)), -1, 0.14f, p.du);
    const float lamp = std::max(low_lamps, top_lamp);
    return {mix(colour, display(255, 250, 230), lamp), 0.5f * lamp};
  }
};

void add_car(ModelPen& pen, const TramLook& tram, float slant) {
  const float half = tram.car_length / 2, w = tram.half_width;
  const std::vector<HullPoint> body{{-half, 0.22f, w},
                                    {-half, tram.height, w - 0.1f},
                                    {half - slant, tram.height, w - 0.1f},
                                    {half - slant * 0.75f, 2.85f, w},
                                    {half, 1.5f, w - 0.05f * slant},
                                    {half, 0.22f, w - 0.05f * slant}};
  const Shader nose = [tram](const SurfacePoint& p) { return tram.nose(p); };
  const Shader roof = plain(display_grey(125));
  const Shader rims[] = {plain(display_grey(30)), roof, nose, nose, nose, plain(display_grey(15))};
  add_hull(
      pen, body, [tram](const SurfacePoint& p) { return tram.side(p); }, [&](size_t i) { return rims[i]; });
  pen.box({-1.6f, -0.75f, tram.height}, {1.6f, 0.75f, tram.height + 0.3f}, {roof, roof, roof});
}

void add_pantograph(ModelPen& pen, float foot) {
  const Shader steel = plain(display_grey(70));
  const float elbow = foot + 0.7f, top = foot + 1.35f;
  for (const float y : {-0.45f, 0.45f}) {
    pen.rod({-0.6f, y, foot}, {0.7f, y * 0.7f, elbow}, 0.05f, steel);
    pen.rod({0.7f, y * 0.7f, elbow}, {-0.3f, y * 0.5f, top}, 0.05f, steel);
  }
  pen.rod({-0.3f, -0.8f, top}, {-0.3f, 0.8f, top}, 0.06f, steel);
}

}  // namespace

void paint_tram(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  TramLook tram;
  tram.car_length = dice.real(6.5f, 8.5f);
  tram.upper = paint_colour(dice);
  tram.skirt = paint_colour(dice);
  tram.band = mix(tram.skirt, display_grey(245), 0.8f);
  ModelPen pen(model, object.pose, RawLabel::kTrain);
  const float pitch = tram.car_length + 0.6f;
  for (const float end : {1.0f, -1.0f}) {  // noses outwards
    const Pose place = object.pose.moved({end * pitch / 2, 0, 0});
    ModelPen car = pen.at({place.origin, place.ahead * end});
    add_car(car, tram, 0.9f);
  }
  const Shader bellows = [](const SurfacePoint& p) { return Texel{display_grey(30 + 45 * pulses(p.u, 0.15f, 0.07f, p.du))}; };
  pen.box({-0.35f, -1.05f, 0.4f}, {0.35f, 1.05f, 3.2f}, {bellows, bellows, bellows});
  ModelPen roof = pen.at(object.pose.moved({pitch / 2, 0, 0}));
  add_pantograph(roof, tram.height + 0.3f);
}

}  // namespace strata::scenes
