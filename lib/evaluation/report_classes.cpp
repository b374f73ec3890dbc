// Sections of the report about classes: the table and the confusion matrix.

#include "evaluation/html.h"
#include "evaluation/report_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

std::optional<double> share(int64_t part, int64_t whole) {
  return whole > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt;
}

// Pixels whose ground truth is the class.
int64_t truth_pixels(const ConfusionMatrix& confusion, int truth) {
  int64_t pixels = 0;
  for (int prediction = 0; prediction < confusion.num_classes(); ++prediction) pixels += confusion.at(truth, prediction);
  return pixels;
}

// A number cell; data-v is what the table is sorted by (classes without a value last).
std::string number_cell(const std::optional<double>& fraction, const char* extra_class = "") {
  return fmt::format("<td class=\"n {}\" data-v=\"{}\">{}</td>", extra_class, fraction.value_or(-1), percent(fraction));
}

std::string bar_cell(const std::optional<double>& fraction) {
  return fmt::format("<td class=\"bar\" data-v=\"{}\"><span>{}</span><i><u style=\"width:{:.1f}%\"></u></i></td>",
                     fraction.value_or(-1), percent(fraction), 100 * fraction.value_or(0));
}

// The other class that most of this one's pixels were taken for.
std::string mistaken_cell(const LabelSet& labels, const ConfusionMatrix& confusion, int truth) {
  int most = -1;
  for (int prediction = 0; prediction < confusion.num_classes(); ++prediction)
    if (prediction != truth && confusion.at(truth, prediction) > (most < 0 ? 0 : confusion.at(truth, most))) most = prediction;
  if (most < 0) return "<td class=\"wide\" data-v=\"-1\">–</td>";
  const auto part = share(confusion.at(truth, most), truth_pixels(confusion, truth));
  const LabelClass& other = labels.classes.at(static_cast<size_t>(most));
  return fmt::format("<td class=\"wide\" data-v=\"{}\">{}{} <small>{} %</small></td>", part.value_or(-1), colour_chip(other),
                     escape_html(other.name), percent(part));
}

std::string column_head(const char* title, const char* classes, const char* explanation) {
  return fmt::format("<th class=\"{}\" scope=\"col\" title=\"{}\"><button type=\"button\">{}</button></th>", classes, explanation,
                     title);
}

constexpr double kCell = 26, kGap = 1.5;  // px of the heat map's picture

std::string heat_cell(const LabelSet& labels, int row, int column, double part, double origin_x, double origin_y, bool written) {
  const double x = origin_x + column * kCell, y = origin_y + row * kCell;
  std::string svg = fmt::format(
      "<g><title>{} taken for {}: {:.2f} %</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" "
      "fill-opacity=\"{:.3f}\"/>",
      escape_html(labels.classes[static_cast<size_t>(row)].name), escape_html(labels.classes[static_cast<size_t>(column)].name),
      100 * part, row == column ? "hit" : "miss", x, y, kCell - kGap, kCell - kGap, 0.06 + 0.94 * std::sqrt(part));
  if (written && part >= 0.01)
    svg += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{:.0f}</text>", part > 0.35 ? "on" : "off",
                       x + (kCell - kGap) / 2, y + kCell / 2 + 3, 100 * part);
  return svg + "</g>";
}

}  // namespace

std::string class_table_section(const LabelSet& labels, const ConfusionMatrix& confusion) {
  const Metrics metrics = metrics_of(confusion);
  const int64_t valid = confusion.total();
  std::string html = "<section><h2>Classes</h2><div class=\"scroll\"><table class=\"sortable\"><thead><tr>";
  html += column_head("Class", "", "in the order of the label set") + column_head("IoU %", "", "intersection over union") +
          column_head("Precision %", "n", "share of the pixels called so that are so") +
          column_head("Recall %", "n", "share of the pixels that are so that are called so") +
          column_head("Pixels %", "n mid", "share of all valid pixels, by ground truth") +
          column_head("Most often taken for", "wide", "share of the class&#39; pixels");
  html += "</tr></thead><tbody>";
  for (int id = 0; id < confusion.num_classes(); ++id) {
    const LabelClass& one = labels.classes.at(static_cast<size_t>(id));
    const ClassMetrics& values = metrics.classes[static_cast<size_t>(id)];
    html += fmt::format("<tr><th scope=\"row\" data-v=\"{}\">{}{}</th>", -id, colour_chip(one), escape_html(one.name));
    html += bar_cell(values.iou) + number_cell(values.precision) + number_cell(values.recall);
    html += number_cell(share(truth_pixels(confusion, id), valid), "mid") + mistaken_cell(labels, confusion, id) + "</tr>";
  }
  return html +
         "</tbody></table></div><p class=\"note\">A dash: nothing to measure on (the class does not occur, or was never "
         "predicted); means leave it out.</p></section>";
}

std::string heat_map_section(const LabelSet& labels, const ConfusionMatrix& confusion) {
  const int classes = confusion.num_classes();
  size_t longest = 0;
  for (const LabelClass& one : labels.classes) longest = std::max(longest, one.name.size());
  const double names = 16 + 6.4 * static_cast<double>(std::min<size_t>(longest, 24)), width = names + classes * kCell,
               height = width;
  std::string svg = fmt::format(
      "<svg class=\"heat\" style=\"min-width:{:.0f}px;max-width:{:.0f}px\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"Confusion matrix: rows are the ground truth, columns the prediction\">",
      std::min(width, 620.0), width * 1.25, width, height);
  for (int row = 0; row < classes; ++row) {
    const std::string name = escape_html(labels.classes.at(static_cast<size_t>(row)).name);
    const double middle = names + row * kCell + kCell / 2;
    svg +=
        fmt::format("<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", names - 6, middle + 3, name);
    svg += fmt::format("<text class=\"name\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</text>", middle + 3, names - 6,
                       name);
    const int64_t pixels = truth_pixels(confusion, row);
    for (int column = 0; column < classes; ++column)
      if (const auto part = share(confusion.at(row, column), pixels); part && *part > 0)
        svg += heat_cell(labels, row, column, *part, names, names, classes <= 30);
  }
  return "<section><h2>Confusion</h2><p class=\"note\">Of the pixels of each class (row), how many per cent were given which "
         "label (column). "
         "The diagonal is the recall.</p><div class=\"scroll\">" +
         svg + "</svg></div></section>";
}

}  // namespace strata
