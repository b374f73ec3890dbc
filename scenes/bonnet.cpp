#include "scenes/bonnet.h"

namespace strata::scenes {

std::optional<Bonnet> choose_bonnet(Dice& dice) {
  const Colour paint = paint_colour(dice);
  const float height = dice.real(0.03f, 0.07f);
  const float middle = dice.real(0.4f, 0.6f);
  if (!dice.chance(0.3f)) return std::nullopt;
  return Bonnet{paint, height, middle};
}

void draw_bonnet(Canvas& canvas, const Bonnet& bonnet) {
  const auto width = static_cast<float>(canvas.width()), height = static_cast<float>(canvas.height());
  for (int x = 0; x < canvas.width(); ++x) {
    const float off = (static_cast<float>(x) / width - bonnet.middle) / 0.62f;
    const float top = height * (1 - bonnet.height * saturate(1.2f * (1 - off * off)));
    for (int y = std::max(0, floor_to_int(top)); y < canvas.height(); ++y) {
      const float depth = (static_cast<float>(y) - top) / (height * bonnet.height);
      const Colour mirrored_sky = display_grey(225) * (0.5f * decay(6 * depth));
      canvas.sample(y, x).colour = bonnet.paint * (0.25f + 0.35f * saturate(1 - depth)) + mirrored_sky;
      canvas.label(y, x) = RawLabel::kEgoVehicle;
    }
  }
}

}  // namespace strata::scenes
