#include "evaluation/run_history.h"

#include "base/csv_file.h"
#include "base/error.h"
#include "base/log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace strata {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double number(std::string_view cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc{} && end == cell.data() + cell.size() ? value : kNan;
}

// Columns of numbers by name; what is no number is not a number.
struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;

  explicit Table(const CsvRows& rows) {
    if (rows.empty()) return;
    names = rows.front();
    columns.resize(names.size());
    for (size_t row = 1; row < rows.size(); ++row)
      for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(i < rows[row].size() ? number(rows[row][i]) : kNan);
  }

  const std::vector<double>* find(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? nullptr : &columns[static_cast<size_t>(found - names.begin())];
  }
};

// What is shown of the table, and under which name.
struct Curve {
  std::string_view column;
  std::string_view name;
};

std::vector<Series> series_of(const Table& table, const std::vector<double>& x, double factor, const std::vector<Curve>& curves) {
  std::vector<Series> all;
  for (const Curve& curve : curves) {
    const std::vector<double>* y = table.find(curve.column);
    if (!y) continue;
    Series series{std::string(curve.name), {}};
    for (size_t row = 0; row < x.size(); ++row)
      if (std::isfinite(x[row]) && std::isfinite((*y)[row])) series.points.emplace_back(x[row], factor * (*y)[row]);
    if (!series.points.empty()) all.push_back(std::move(series));
  }
  return all;
}

}  // namespace

std::vector<LineChart> run_curves_of(const CsvRows& rows) {
  const Table table(rows);
  const std::vector<double>* steps = table.find("step");
  if (!steps) return {};
  const auto chart = [&](const char* title, double factor, bool from_zero, const std::vector<Curve>& curves) -> LineChart {
    return {title, "step", series_of(table, *steps, factor, curves), from_zero};
  };
  std::vector<LineChart> charts = {
      chart("Loss", 1, false,
            {{"loss", "training"}, {"loss_main", "main head"}, {"loss_aux", "auxiliary"}, {"val_loss", "validation"}}),
      chart("Validation, %", 100, true, {{"mean_iu", "mean IoU"}, {"acc", "accuracy"}}),
      chart("Learning rate", 1, true, {{"lr", "rate"}})};
  std::erase_if(charts, [](const LineChart& one) { return one.series.empty(); });
  return charts;
}

std::vector<LineChart> read_run_curves(const std::filesystem::path& metrics_csv) {
  if (!std::filesystem::exists(metrics_csv)) return {};
  try {
    return run_curves_of(read_csv(metrics_csv));
  } catch (const Error& error) {
    log_warning("the report goes without the curves of the run: {}", error.what());
    return {};
  }
}

}  // namespace strata
