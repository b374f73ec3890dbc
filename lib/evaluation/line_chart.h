#pragma once
// A line chart as a legend and inline SVG; colours come from the page's CSS, so that it follows light and dark mode.

#include <string>
#include <utility>
#include <vector>

namespace strata {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x ascending; points that are not finite are left out
};

struct LineChart {
  std::string title;  // also what a screen reader says
  std::string x_label;
  std::vector<Series> series;  // long ones are averaged down to about a pixel a point
  bool y_from_zero = false;
};

// Legend and <svg> element; an empty text where no series has a point.
std::string line_chart_html(const LineChart& chart);

// About `count` round numbers (1, 2 or 5 times a power of ten apart) that lie in [low, high].
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace strata
