#include "evaluation/line_chart.h"

#include "evaluation/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr double kWidth = 360, kHeight = 200;  // user units of the picture
constexpr double kLeft = 46, kRight = 12, kTop = 8, kBottom = 40;
constexpr size_t kMostPoints = 300;

using Points = std::vector<std::pair<double, double>>;

Points finite_points(const Points& points) {
  Points kept;
  for (const auto& [x, y] : points)
    if (std::isfinite(x) && std::isfinite(y)) kept.emplace_back(x, y);
  return kept;
}

// Means of neighbours, where there are more points than can be told apart.
Points thinned(const Points& points) {
  const size_t together = (points.size() + kMostPoints - 1) / kMostPoints;
  if (together <= 1) return points;
  Points means;
  for (size_t first = 0; first < points.size(); first += together) {
    const size_t last = std::min(first + together, points.size());
    double x = 0, y = 0;
    for (size_t i = first; i < last; ++i) {
      x += points[i].first;
      y += points[i].second;
    }
    means.emplace_back(x / static_cast<double>(last - first), y / static_cast<double>(last - first));
  }
  return means;
}

// From data to user units.
struct Axes {
  double x_low, x_high, y_low, y_high;
  double x(double value) const { return kLeft + (value - x_low) / (x_high - x_low) * (kWidth - kLeft - kRight); }
  double y(double value) const { return kHeight - kBottom - (value - y_low) / (y_high - y_low) * (kHeight - kTop - kBottom); }
};

Axes axes_of(const std::vector<Series>& series, bool y_from_zero) {
  const auto& first = series.front().points.front();
  Axes axes{first.first, first.first, first.second, first.second};
  for (const Series& one : series) {
    for (const auto& [x, y] : one.points) {
      axes.x_low = std::min(axes.x_low, x);
      axes.x_high = std::max(axes.x_high, x);
      axes.y_low = std::min(axes.y_low, y);
      axes.y_high = std::max(axes.y_high, y);
    }
  }
  if (y_from_zero) axes.y_low = std::min(axes.y_low, 0.0);
  const double margin = axes.y_high > axes.y_low ? 0.04 * (axes.y_high - axes.y_low) : 0.5;
  axes.y_high += margin;
  if (!y_from_zero || axes.y_low < 0) axes.y_low -= margin;
  if (axes.x_high <= axes.x_low) axes.x_high = axes.x_low + 1;
  return axes;
}

std::string grid(const Axes& axes, const std::string& x_label) {
  std::string svg;
  for (double tick : round_ticks(axes.y_low, axes.y_high, 5)) {
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", kLeft, axes.y(tick), kWidth - kRight);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>", kLeft - 6, axes.y(tick) + 4, tick);
  }
  for (double tick : round_ticks(axes.x_low, axes.x_high, 5))
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:g}</text>", axes.x(tick), kHeight - kBottom + 16,
                       tick);
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", (kLeft + kWidth - kRight) / 2,
                     kHeight - 6, escape_html(x_label));
  return svg;
}

// Few points are also marked one by one.
std::string line(const Axes& axes, const Points& points, size_t number) {
  std::string path, dots;
  for (const auto& [x, y] : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', axes.x(x), axes.y(y));
    if (points.size() <= 40)
      dots += fmt::format("<circle class=\"dot s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>", number, axes.x(x), axes.y(y));
  }
  return fmt::format("<path class=\"line s{}\" d=\"{}\"/>", number, path) + dots;
}

std::string legend(const std::vector<Series>& series) {
  std::string html = "<p class=\"keys\">";
  for (size_t i = 0; i < series.size(); ++i)
    html += fmt::format("<span><svg viewBox=\"0 0 18 8\"><path class=\"line s{}\" d=\"M1 4h16\"/></svg>{}</span>", i,
                        escape_html(series[i].name));
  return html + "</p>";
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!(high > low)) return ticks;
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double in_decade = rough / power;
  const double step = power * (in_decade <= 1 ? 1 : in_decade <= 2 ? 2 : in_decade <= 5 ? 5 : 10);
  for (double n = std::ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; ++n) ticks.push_back(n == 0 ? 0.0 : n * step);
  return ticks;
}

std::string line_chart_html(const LineChart& chart) {
  std::vector<Series> series;
  for (const Series& one : chart.series) {
    Points points = thinned(finite_points(one.points));
    if (!points.empty()) series.push_back({one.name, std::move(points)});
  }
  if (series.empty()) return {};
  const Axes axes = axes_of(series, chart.y_from_zero);
  std::string svg = fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth, kHeight,
                                escape_html(chart.title));
  svg += grid(axes, chart.x_label);
  for (size_t i = 0; i < series.size(); ++i) svg += line(axes, series[i].points, i);
  return legend(series) + svg + "</svg>";
}

}  // namespace strata
