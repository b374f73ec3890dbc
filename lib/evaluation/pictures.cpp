#include "evaluation/pictures.h"

#include "image/codec.h"
#include "image/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

using Colour = std::array<double, 3>;

constexpr std::array<uint8_t, 3> kErrorColour = {255, 72, 66};

// From dark blue over green to yellow; its lightness rises evenly, so that it reads without colours too.
constexpr std::array<Colour, 5> kRamp = {Colour{24, 18, 66}, Colour{38, 80, 130}, Colour{30, 142, 128}, Colour{126, 196, 82},
                                         Colour{252, 228, 60}};

std::array<uint8_t, 3> ramp_colour(float value) {
  const double finite = std::isfinite(value) ? static_cast<double>(value) : 0.0;
  const double at = std::clamp(finite, 0.0, 1.0) * (kRamp.size() - 1);
  const size_t low = std::min(static_cast<size_t>(at), kRamp.size() - 2);
  const double share = at - static_cast<double>(low);
  std::array<uint8_t, 3> colour{};
  for (size_t c = 0; c < 3; ++c)
    colour[c] = static_cast<uint8_t>(std::lround(kRamp[low][c] * (1 - share) + kRamp[low + 1][c] * share));
  return colour;
}

Image attention_picture(const torch::Tensor& attention_HW) {
  const torch::Tensor values = attention_HW.to(torch::kCPU).contiguous();
  Image picture(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)), 3);
  const float* value = values.const_data_ptr<float>();
  for (size_t i = 0; i < picture.pixels.size(); i += 3) {
    const auto colour = ramp_colour(value[i / 3]);
    std::copy(colour.begin(), colour.end(), picture.pixels.begin() + static_cast<ptrdiff_t>(i));
  }
  return picture;
}

// 0 to 255, by the weights of the eye (about).
int lightness(const uint8_t* rgb) { return (2 * rgb[0] + 5 * rgb[1] + rgb[2]) / 8; }

Image error_picture(const Image& frame, const Image& truth, const Image& prediction, int classes) {
  Image picture(frame.height, frame.width, 3);
  for (size_t i = 0; i < truth.pixels.size(); ++i) {
    if (truth.pixels[i] >= classes) continue;
    const int light = lightness(frame.pixels.data() + 3 * i);
    const bool wrong = truth.pixels[i] != prediction.pixels[i];
    for (size_t c = 0; c < 3; ++c)
      picture.pixels[3 * i + c] = static_cast<uint8_t>(wrong ? kErrorColour[c] * (255 + light) / 510 : 30 + light / 2);
  }
  return picture;
}

Image prediction_picture(const torch::Tensor& logits_CHW) {
  const torch::Tensor ids = logits_CHW.argmax(0).to(torch::kUInt8).cpu().contiguous();
  Image picture(static_cast<int>(ids.size(0)), static_cast<int>(ids.size(1)), 1);
  std::copy_n(ids.const_data_ptr<uint8_t>(), picture.pixels.size(), picture.pixels.begin());
  return picture;
}

}  // namespace

std::vector<size_t> spread_by_iou(const std::vector<ImageResult>& images, int num_classes, int count) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < images.size(); ++i)
    if (const auto iou = metrics_of(ConfusionMatrix(num_classes, images[i].confusion)).mean_iu) order.emplace_back(*iou, i);
  if (order.empty()) {
    for (size_t i = 0; i < images.size(); ++i) order.emplace_back(0.0, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<size_t> chosen;
  const size_t n = std::min(order.size(), static_cast<size_t>(std::max(count, 0)));
  for (size_t k = 0; k < n; ++k) chosen.push_back(order[n == 1 ? order.size() / 2 : k * (order.size() - 1) / (n - 1)].second);
  return chosen;
}

std::vector<uint8_t> palette_of(const LabelSet& labels) {
  std::vector<uint8_t> palette(256 * 3, 0);
  for (size_t id = 0; id < labels.classes.size(); ++id)
    std::copy(labels.classes[id].color.begin(), labels.classes[id].color.end(), palette.begin() + static_cast<ptrdiff_t>(3 * id));
  return palette;
}

EvaluatedPictures draw_pictures(const LabelledImage& image, const ImageOutputs& outputs) {
  EvaluatedPictures pictures{.frame = image.frame,
                             .truth = image.labels,
                             .prediction = prediction_picture(outputs.logits_CHW),
                             .errors = {},
                             .attention = {}};
  pictures.errors =
      error_picture(pictures.frame, pictures.truth, pictures.prediction, static_cast<int>(outputs.logits_CHW.size(0)));
  for (const auto& [scale, attention_HW] : outputs.attention_HW)
    pictures.attention.emplace_back(scale, attention_picture(attention_HW));
  return pictures;
}

EvaluatedPictures shrunk(const EvaluatedPictures& pictures, int edge) {
  const int height = pictures.frame.height, width = pictures.frame.width, longer = std::max(height, width);
  if (longer <= edge) return pictures;
  const int new_height = std::max(1, height * edge / longer), new_width = std::max(1, width * edge / longer);
  const auto smaller = [&](const Image& image, Filter filter) { return resize(image, new_height, new_width, filter); };
  EvaluatedPictures small{smaller(pictures.frame, Filter::kBicubic),
                          smaller(pictures.truth, Filter::kNearest),
                          smaller(pictures.prediction, Filter::kNearest),
                          smaller(pictures.errors, Filter::kBilinear),
                          {}};
  for (const auto& [scale, image] : pictures.attention) small.attention.emplace_back(scale, smaller(image, Filter::kBilinear));
  return small;
}

std::vector<CodedPicture> coded(const EvaluatedPictures& pictures, const LabelSet& labels, Coding coding) {
  const auto rgb = [coding](const std::string& kind, const Image& image) -> CodedPicture {
    if (coding == Coding::kSmall) return {kind, "image/jpeg", encode_jpeg(image, 85)};
    return {kind, "image/png", encode_png(image)};
  };
  const std::vector<uint8_t> palette = palette_of(labels);
  const auto ids = [&palette](const std::string& kind, const Image& image) -> CodedPicture {
    return {kind, "image/png", encode_palette_png(image, palette)};
  };
  std::vector<CodedPicture> all = {rgb("frame", pictures.frame), ids("truth", pictures.truth),
                                   ids("prediction", pictures.prediction), rgb("errors", pictures.errors)};
  for (const auto& [scale, image] : pictures.attention) all.push_back(rgb(fmt::format("attention-{:g}", scale), image));
  return all;
}

}  // namespace strata
