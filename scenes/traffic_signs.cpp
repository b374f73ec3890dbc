#include "scenes/dice.h"
#include "scenes/outline.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

enum class SignKind { kLimit, kNoEntry, kStop, kWarning, kYield, kPriority, kTurn, kParking, kDirections };

// What is printed on a plate; y to the side and z up from its middle, in units of half its height.
struct Print {
  SignKind kind;
  Colour ground, accent, ink;
  uint32_t noise = 0;

  Texel at(float y, float z, float width) const;

 private:
  Colour symbol(float y, float z, float width) const;
};

float box_mark(float y, float z, const Extent& box, float width) {
  return inside(y, box.u_low, box.u_high, width) * inside(z, box.v_low, box.v_high, width);
}

float arrow_mark(float y, float z, float width) {
  const float head = inside(z, 0.05f, 0.6f, width) * inside(std::abs(y), -1, 0.75f * (0.6f - z), width);
  return std::max(head, box_mark(y, z, {-0.13f, 0.13f, -0.6f, 0.1f}, width));
}

Colour Print::symbol(float y, float z, float width) const {
  switch (kind) {
    case SignKind::kLimit: {  // two digits
      const float digit = std::abs(std::abs(y) - 0.25f);
      const float ring = inside(std::max(digit / 0.17f, std::abs(z) / 0.38f), 0.45f, 1, width * 4);
      return mix(ground, ink, ring);
    }
    case SignKind::kNoEntry:
      return mix(accent, ground, box_mark(y, z, {-0.65f, 0.65f, -0.16f, 0.16f}, width));
    case SignKind::kStop: {
      const float letters = box_mark(y, z, {-0.7f, 0.7f, -0.22f, 0.22f}, width) * (1 - pulses(y + 2, 0.35f, 0.1f, width));
      return mix(accent, ground, letters);
    }
    case SignKind::kWarning:
      return mix(
          ground, ink,
          std::max(box_mark(y, z, {-0.08f, 0.08f, -0.2f, 0.35f}, width), box_mark(y, z, {-0.08f, 0.08f, -0.42f, -0.28f}, width)));
    case SignKind::kTurn:
      return mix(accent, ground, arrow_mark(y, z, width));
    case SignKind::kParking: {
      const float stem = box_mark(y, z, {-0.3f, -0.1f, -0.55f, 0.55f}, width);
      const float off = std::sqrt(square(y - 0.02f) + square(z - 0.25f));
      return mix(accent, ground, std::max(stem, inside(off, 0.14f, 0.33f, width)));
    }
    case SignKind::kDirections: {
      const int line = floor_to_int((z + 1) / 0.5f);
      const float in_line = inside(fraction((z + 1) / 0.5f), 0.3f, 0.75f, width * 2);
      const float end = 0.2f + 0.7f * cell_value(line, 0, noise);
      const float letters = (1 - pulses(y + 9, 0.16f, 0.05f, width)) * inside(y, -1.3f, end, width);
      return mix(mix(accent, ground, in_line * letters), ground, arrow_mark((y - 1.35f) * 1.8f, z * 1.1f, width * 2));
    }
    default:
      return ground;
  }
}

Texel Print::at(float y, float z, float width) const { return {symbol(y, z, width), 0.12f}; }  // retroreflective

struct Plate {
  Print print;
  std::vector<Point2> outline;  // y, z in units of half the height
  float border = 0.14f;         // share of the outline that is rim
  Colour rim;
};

std::vector<Point2> regular(int corners, float first_angle) {
  std::vector<Point2> outline;
  for (int i = 0; i < corners; ++i) {
    const float angle = first_angle + static_cast<float>(i) * (2 * kPi / static_cast<float>(corners));
    outline.push_back({cosine(angle), sine(angle)});
  }
  return outline;
}

Plate choose_plate(Dice& dice) {
  const Colour white = display_grey(dice.real(215, 245));
  const Colour red = display(dice.real(175, 225), dice.real(25, 50), dice.real(30, 50));
  const Colour blue = display(dice.real(20, 45), dice.real(70, 105), dice.real(150, 205));
  const Colour yellow = display(dice.real(225, 250), dice.real(180, 205), dice.real(20, 60));
  const Colour green = display(dice.real(10, 40), dice.real(105, 135), dice.real(60, 90));
  const Colour black = display_grey(25);
  const uint32_t noise = dice.noise_seed();
  const auto circle = regular(16, 0), upright = regular(3, kPi / 2), inverted = regular(3, -kPi / 2), diamond = regular(4, 0);
  const SignKind kinds[] = {SignKind::kLimit,      SignKind::kNoEntry,   SignKind::kStop, SignKind::kWarning,
                            SignKind::kYield,      SignKind::kPriority,  SignKind::kTurn, SignKind::kParking,
                            SignKind::kDirections, SignKind::kDirections};
  const SignKind kind = dice.pick(kinds);
  switch (kind) {
    case SignKind::kLimit:
      return {{kind, white, red, black, noise}, circle, 0.22f, red};
    case SignKind::kNoEntry:
      return {{kind, white, red, black, noise}, circle, 0.06f, white};
    case SignKind::kStop:
      return {{kind, white, red, black, noise}, regular(8, kPi / 8), 0.09f, white};
    case SignKind::kWarning:
      return {{kind, dice.chance(0.7f) ? white : yellow, red, black, noise}, upright, 0.24f, red};
    case SignKind::kYield:
      return {{kind, white, red, black, noise}, inverted, 0.3f, red};
    case SignKind::kPriority:
      return {{kind, yellow, red, black, noise}, diamond, 0.25f, white};
    case SignKind::kTurn:
      return {{kind, white, blue, black, noise}, circle, 0.06f, white};
    case SignKind::kParking:
      return {{kind, white, blue, black, noise}, {{-0.85f, -1}, {0.85f, -1}, {0.85f, 1}, {-0.85f, 1}}, 0.07f, white};
    case SignKind::kDirections:
      break;
  }
  const Colour grounds[] = {blue, green, yellow, white};
  const Colour board = dice.pick(grounds);
  const Colour letters = board.r > 0.5f ? black : white;
  return {
      {SignKind::kDirections, letters, board, black, noise}, {{-1.7f, -1}, {1.7f, -1}, {1.7f, 1}, {-1.7f, 1}}, 0.06f, letters};
}

std::vector<Vec3> scaled(const std::vector<Point2>& outline, float x, float middle_z, float size) {
  std::vector<Vec3> corners;
  for (const Point2& corner : outline) corners.push_back({x, corner.x * size, middle_z + corner.y * size});
  return corners;
}

void add_plate(ModelPen& pen, const Plate& plate, float middle_z, float half_height) {
  const Print print = plate.print;
  const Vec3 y{0, 1, 0}, z{0, 0, 1};
  pen.outline(scaled(plate.outline, -0.03f, middle_z, half_height), y, z, plain(display_grey(135)));
  pen.outline(scaled(plate.outline, 0.0f, middle_z, half_height), y, z, plain(plate.rim));
  pen.outline(scaled(plate.outline, 0.02f, middle_z, half_height * (1 - plate.border)), y, z, [=](const SurfacePoint& p) {
    return print.at(p.u / half_height, (p.v - middle_z) / half_height,
                    p.du / half_height);  // seen from the front y runs to the right
  });
}

}  // namespace

void paint_traffic_sign(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pole(model, object.pose, RawLabel::kPole);
  const Colour grey = display_grey(dice.real(120, 190));
  const Plate plate = choose_plate(dice);
  const bool board = plate.print.kind == SignKind::kDirections;
  const float half_height = board ? dice.real(0.5f, 0.75f) : dice.real(0.42f, 0.58f);
  const float middle = dice.real(2.3f, 2.8f) + (board ? 0.3f : 0);
  ModelPen pen = pole.as(RawLabel::kTrafficSign);
  add_plate(pen, plate, middle, half_height);
  const bool two_posts = board && dice.chance(0.6f);
  for (const float y : two_posts ? std::vector<float>{-0.6f, 0.6f} : std::vector<float>{0.0f}) {
    pole.rod({-0.1f, y, 0}, {-0.1f, y, middle + half_height * 0.8f}, 0.065f, plain(grey));
  }
  if (board || !dice.chance(0.3f)) return;
  add_plate(pen, choose_plate(dice), middle - 1.05f, 0.38f);
}

}  // namespace strata::scenes
