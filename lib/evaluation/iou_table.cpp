#include "evaluation/iou_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace strata {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string two_decimals(double value) { return fmt::format("{:.2f}", value); }

// Columns are told apart by spaces.
std::string one_word(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

// part / whole with the reference's floats: 0/0 is nan, n/0 is inf.
double quotient(int64_t part, int64_t whole) {
  if (whole == 0) return part == 0 ? kNan : std::numeric_limits<double>::infinity();
  return static_cast<double>(part) / static_cast<double>(whole);
}

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  std::vector<std::string> cells;
  Align align = Align::kRight;
};

// Numbers of a column stand with their points below each other: words like "nan" end where the point would be.
void line_up_points(std::vector<std::string>& cells) {
  const auto after_point = [](const std::string& cell) {
    const size_t point = cell.find('.');
    return point == std::string::npos ? size_t{0} : cell.size() - point;
  };
  size_t most = 0;
  for (const std::string& cell : cells) most = std::max(most, after_point(cell));
  for (std::string& cell : cells) cell.append(most - after_point(cell), ' ');
}

size_t width_of(const Column& column) {
  size_t width = column.title.size() + 2;
  for (const std::string& cell : column.cells) width = std::max(width, cell.size());
  return width;
}

std::string padded(const std::string& text, size_t width, Align align) {
  return align == Align::kLeft ? fmt::format("{:<{}}", text, width) : fmt::format("{:>{}}", text, width);
}

std::string joined_line(const std::vector<std::string>& cells) {
  std::string line = fmt::format("{}", fmt::join(cells, "  "));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string lay_out(const std::vector<Column>& columns) {
  std::vector<std::string> titles, rules;
  for (const Column& column : columns) {
    titles.push_back(padded(column.title, width_of(column), column.align));
    rules.emplace_back(width_of(column), '-');
  }
  std::string text = joined_line(titles) + joined_line(rules);
  for (size_t row = 0; row < columns.front().cells.size(); ++row) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(padded(column.cells[row], width_of(column), column.align));
    text += joined_line(cells);
  }
  return text;
}

}  // namespace

std::string iou_table(const Metrics& metrics, const std::vector<std::string>& class_names, TableStyle style) {
  int64_t valid = 0;
  for (const ClassMetrics& one : metrics.classes) valid += one.tp + one.fn;

  Column id{"Id", {}}, label{"label", {}, Align::kLeft}, iou{"iU_1.0", {}}, tp{"TP", {}}, fp{"FP", {}}, fn{"FN", {}},
      precision{"Precision", {}}, recall{"Recall", {}};
  for (size_t i = 0; i < metrics.classes.size(); ++i) {
    const ClassMetrics& one = metrics.classes[i];
    id.cells.push_back(fmt::format("{}", i));
    label.cells.push_back(one_word(class_names.at(i)));
    iou.cells.push_back(two_decimals(100 * one.iou.value_or(kNan)));
    tp.cells.push_back(two_decimals(100 * quotient(one.tp, valid)));
    fp.cells.push_back(two_decimals(quotient(one.fp, one.tp)));
    fn.cells.push_back(two_decimals(quotient(one.fn, one.tp)));
    precision.cells.push_back(two_decimals(one.precision.value_or(kNan)));
    recall.cells.push_back(two_decimals(one.recall.value_or(kNan)));
  }
  if (style == TableStyle::kReference) {
    std::swap(fp.cells, fn.cells);
    std::swap(precision.cells, recall.cells);
  }
  for (Column* numbers : {&iou, &tp, &fp, &fn, &precision, &recall}) line_up_points(numbers->cells);
  return "IoU:\n" + lay_out({id, label, iou, tp, fp, fn, precision, recall});
}

std::string summary_lines(const Metrics& metrics, const Summary& summary) {
  std::vector<std::string> items;
  if (summary.epoch) items.push_back(fmt::format("[epoch {}]", *summary.epoch));
  const auto add = [&items](const char* name, const std::optional<double>& value) {
    items.push_back(fmt::format("[{} {:.5f}]", name, value.value_or(kNan)));
  };
  add("val loss", summary.val_loss);
  add("acc", metrics.acc);
  add("acc_cls", metrics.acc_cls);
  add("mean_iu", metrics.mean_iu);
  add("fwavacc", metrics.fwavacc);
  return fmt::format("Mean: {}\nthis : {}\n", two_decimals(100 * metrics.mean_iu.value_or(kNan)), fmt::join(items, ", "));
}

}  // namespace strata
