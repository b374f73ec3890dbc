#include "image/resize_taps.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

// Keys' cubic convolution kernel (1981) with a = -1/2.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}
double bilinear(double x) { return std::max(0.0, 1 - std::abs(x)); }

// Source pixels that weigh in one result pixel. Shrinking widens the kernel by the factor: that is the antialiasing.
struct Reach {
  double centre = 0, widening = 1;
  Span pixels;
};

Reach reach_of(const Axis& axis, Filter filter, int index) {
  const double scale = static_cast<double>(axis.source) / axis.result;
  const double widening = std::max(scale, 1.0);
  const double support = (filter == Filter::kBicubic ? 2.0 : 1.0) * widening;
  const double centre = (index + 0.5) * scale;
  const int begin = std::max(static_cast<int>(centre - support + 0.5), 0);
  const int end = std::min(static_cast<int>(centre + support + 0.5), axis.source);
  return {centre, widening, {begin, end - begin}};
}

// The reach's weights, summing to 1 before they are rounded to fixed point.
void weigh(const Reach& reach, Filter filter, std::vector<double>& exact, int32_t* weights) {
  const double narrowing = 1.0 / reach.widening;
  const auto size = static_cast<size_t>(reach.pixels.size);
  double sum = 0;
  exact.resize(size);
  for (size_t k = 0; k < size; ++k) {
    const double x = (static_cast<int>(k) + reach.pixels.begin - reach.centre + 0.5) * narrowing;
    sum += exact[k] = filter == Filter::kBicubic ? bicubic(x) : bilinear(x);
  }
  for (size_t k = 0; k < size; ++k) {
    const double weight = exact[k] / sum * (1 << kFractionBits);
    weights[k] = static_cast<int32_t>(weight + (weight < 0 ? -0.5 : 0.5));
  }
}

}  // namespace

// Steps are added up from the first pixel on, as Pillow does, so that the same roundings fall at the same places.
std::vector<int> nearest_indices(const Axis& axis) {
  const double step = static_cast<double>(axis.source) / axis.result;
  std::vector<int> indices(static_cast<size_t>(axis.size));
  double at = step * 0.5;
  for (int i = 0; i < axis.begin + axis.size; ++i, at += step) {
    if (i >= axis.begin) indices[static_cast<size_t>(i - axis.begin)] = std::min(static_cast<int>(at), axis.source - 1);
  }
  return indices;
}

Taps taps_of(const Axis& axis, Filter filter) {
  std::vector<Reach> reaches;
  Taps taps;
  for (int i = 0; i < axis.size; ++i) {
    reaches.push_back(reach_of(axis, filter, axis.begin + i));
    taps.spans.push_back(reaches.back().pixels);
    taps.stride = std::max(taps.stride, static_cast<size_t>(reaches.back().pixels.size));
  }
  taps.weights.resize(taps.stride * reaches.size());
  std::vector<double> exact;
  for (size_t i = 0; i < reaches.size(); ++i) weigh(reaches[i], filter, exact, &taps.weights[i * taps.stride]);
  return taps;
}

Span source_span(const Axis& axis, Filter filter) {
  if (axis.size == 0) return {};
  if (filter == Filter::kNearest) {
    const std::vector<int> indices = nearest_indices(axis);
    return {indices.front(), indices.back() - indices.front() + 1};
  }
  const Span first = reach_of(axis, filter, axis.begin).pixels, last = reach_of(axis, filter, axis.begin + axis.size - 1).pixels;
  return {first.begin, last.begin + last.size - first.begin};
}

}  // namespace strata
