#pragma once
// Sections of the report (report.h), each an HTML fragment.

#include "evaluation/report.h"

#include <string>
#include <string_view>

namespace strata {

std::string class_table_section(const LabelSet& labels, const ConfusionMatrix& confusion);
// Empty where there is nothing to show.
std::string curves_section(const std::vector<LineChart>& curves);
std::string heat_map_section(const LabelSet& labels, const ConfusionMatrix& confusion);
std::string images_section(const std::vector<ReportImage>& images, const LabelSet& labels);

// A small square in the class' colour.
std::string colour_chip(const LabelClass& one);
// 0.5349 -> "53.5"; nothing -> "–".
std::string percent(const std::optional<double>& fraction);

extern const std::string_view kReportStyle;   // CSS
extern const std::string_view kReportScript;  // sorting of tables, enlarging of pictures; the page is complete without it

}  // namespace strata
