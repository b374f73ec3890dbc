// The parts that scenes are drawn with.

#include "scenes/canvas.h"
#include "scenes/rasteriser.h"
#include "scenes/shadow_map.h"
#include "scenes/texture.h"

#include <gmock/gmock.h>

#include <cmath>

namespace strata::scenes {
namespace {

constexpr Colour kRed{1, 0, 0}, kBlue{0, 0, 1};

Light plain_light() {
  Light light;
  light.sun = {0, 0, 0};
  light.sky = {1, 1, 1};
  light.haze_per_metre = 0;
  return light;
}

// An upright square of 2 m, `distance` ahead of a camera that sees 2 m x 2 m there at distance 4.
void add_square(ModelPen& pen, float distance, const Shader& shader, bool veil = false) {
  const Vec3 corner{distance, 1, 0};
  if (veil) {
    pen.veil(corner, {0, -2, 0}, {0, 0, 2}, shader);
  } else {
    pen.quad(corner, {0, -2, 0}, {0, 0, 2}, shader);
  }
}

struct Drawing {
  Canvas canvas{8, 8};
  Camera camera{32, 8, 8, 1};
  Model model;

  ModelPen pen(RawLabel label) { return {model, Pose{}, label}; }
  const Sample& middle() { return canvas.sample(7, 7); }
  RawLabel label() { return canvas.label(7, 7); }
  void draw() {
    Rasteriser rasteriser(canvas, camera, plain_light());
    rasteriser.draw_solids(model);
    rasteriser.draw_veils(model);
  }
};

TEST(Rasteriser, ShowsTheNearestSurfaceWhateverTheOrder) {
  for (const bool near_first : {true, false}) {
    Drawing drawing;
    ModelPen car = drawing.pen(RawLabel::kCar), wall = drawing.pen(RawLabel::kWall);
    if (near_first) add_square(car, 5, plain(kRed));
    add_square(wall, 6, plain(kBlue));
    if (!near_first) add_square(car, 5, plain(kRed));
    drawing.draw();
    EXPECT_EQ(drawing.label(), RawLabel::kCar);
    EXPECT_GT(drawing.middle().colour.r, 0);
    EXPECT_EQ(drawing.middle().colour.b, 0);
    EXPECT_NEAR(drawing.middle().depth, 5, 1e-3);
  }
}

TEST(Rasteriser, LabelsWhatShowsThroughAVeilAsTheVeil) {
  Drawing drawing;
  ModelPen wall = drawing.pen(RawLabel::kWall), fence = drawing.pen(RawLabel::kFence);
  add_square(wall, 6, plain(kBlue));
  add_square(
      fence, 5,
      [](const SurfacePoint&) {
        return Texel{kRed, 0, Cover::kSeeThrough};
      },
      true);
  drawing.draw();
  EXPECT_EQ(drawing.label(), RawLabel::kFence);
  EXPECT_GT(drawing.middle().colour.b, 0);
  EXPECT_EQ(drawing.middle().colour.r, 0);
}

TEST(Rasteriser, LeavesWhatIsBehindAHoleAlone) {
  Drawing drawing;
  ModelPen wall = drawing.pen(RawLabel::kWall), leaves = drawing.pen(RawLabel::kVegetation);
  add_square(wall, 6, plain(kBlue));
  add_square(leaves, 5, [](const SurfacePoint&) { return Texel{kRed, 0, Cover::kNothing}; });
  drawing.draw();
  EXPECT_EQ(drawing.label(), RawLabel::kWall);
}

TEST(Rasteriser, GivesShadersTheMetresOfTheirSurface) {
  Drawing drawing;
  ModelPen pen = drawing.pen(RawLabel::kBuilding);
  SurfacePoint seen;
  add_square(pen, 4, [&](const SurfacePoint& p) {
    seen = p;  // the last sample drawn: the lower right corner
    return Texel{kRed};
  });
  drawing.draw();
  EXPECT_NEAR(seen.u, 2 - 1.0 / 16, 1e-3);
  EXPECT_NEAR(seen.v, 1.0 / 16, 1e-3);
  EXPECT_NEAR(seen.du, 1.0 / 8, 1e-3);
  EXPECT_NEAR(seen.dv, 1.0 / 8, 1e-3);
}

TEST(Rasteriser, IgnoresWhatLiesBehindTheCamera) {
  Drawing drawing;
  ModelPen pen = drawing.pen(RawLabel::kCar);
  add_square(pen, -5, plain(kRed));
  pen.ball({-3, 0, 1}, 1, 1, plain(kRed));
  pen.rod({-3, 0, 0}, {2, 0, 1}, 0.2f, plain(kRed));
  drawing.draw();
  EXPECT_EQ(drawing.label(), RawLabel::kUnlabelled);
}

TEST(Canvas, GivesAPixelTheLabelOfMostOfItsSamples) {
  Canvas canvas(1, 2);
  canvas.label(0, 0) = RawLabel::kSky;
  for (const auto& [y, x] : {std::pair{0, 1}, {1, 0}, {1, 1}}) canvas.label(y, x) = RawLabel::kPole;
  canvas.label(0, 2) = canvas.label(1, 3) = RawLabel::kCar;  // two against two: the first met
  canvas.label(0, 3) = canvas.label(1, 2) = RawLabel::kRoad;
  const Image labels = canvas.pixel_labels();
  EXPECT_EQ(labels.at(0, 0), static_cast<uint8_t>(RawLabel::kPole));
  EXPECT_EQ(labels.at(0, 1), static_cast<uint8_t>(RawLabel::kCar));
}

TEST(ShadowMap, CastsAlongTheLight) {
  Model model;
  ModelPen pen(model, {{0, 20, 0}, {0, 1, 0}}, RawLabel::kBuilding);
  const Shader none = plain({});
  pen.box({-1, -1, 0}, {1, 1, 4}, {none, none, none});
  const ShadowMap shadows(model, {.to_light = unit({-1, 0, 1})});  // from the left, at 45 degrees
  EXPECT_NEAR(shadows.shade(3, 20), 1, 1e-3);
  EXPECT_NEAR(shadows.shade(-3, 20), 0, 1e-3);
  EXPECT_NEAR(shadows.shade(3, 25), 0, 1e-3);
  EXPECT_EQ(shadows.shade(500, 20), 0);
}

TEST(Maths, AgreesWithTheStandardLibrary) {
  for (float x = -20; x < 20; x += 0.01f) {
    EXPECT_NEAR(sine(x), std::sin(x), 3e-4) << x;
    EXPECT_NEAR(cosine(x), std::cos(x), 3e-4) << x;
  }
  for (float x = 0; x < 30; x += 0.01f) EXPECT_NEAR(decay(x), std::exp(-x), 0.03) << x;
  EXPECT_EQ(floor_to_int(-0.25f), -1);
  EXPECT_EQ(floor_to_int(-2.0f), -2);
}

TEST(Texture, AveragesPulsesOverASample) {
  EXPECT_NEAR(pulses(0.5f, 4, 1, 0.01f), 1, 1e-4);
  EXPECT_NEAR(pulses(2, 4, 1, 0.01f), 0, 1e-4);
  EXPECT_NEAR(pulses(1, 4, 1, 0.5f), 0.5, 1e-4);     // half of the sample on the edge
  EXPECT_NEAR(pulses(17, 4, 1, 400), 0.25, 1e-2);    // many periods: their mean
  EXPECT_NEAR(pulses(-3.5f, 4, 1, 0.01f), 1, 1e-4);  // also left of 0
}

TEST(Texture, FadesGrainThatASampleCannotResolve) {
  EXPECT_EQ(grain(3.3f, 1.2f, 10, 5, 1), 0);
  float strongest = 0;
  for (int i = 0; i < 100; ++i) strongest = std::max(strongest, std::abs(grain(0.37f * static_cast<float>(i), 1, 10, 0, 1)));
  EXPECT_GT(strongest, 0.25f);
  EXPECT_LE(strongest, 0.5f);
}

}  // namespace
}  // namespace strata::scenes
