#include "evaluation/report.h"

#include "evaluation/html.h"
#include "evaluation/report_sections.h"

#include <fmt/format.h>

#include <cmath>

namespace strata {

std::string colour_chip(const LabelClass& one) {
  return fmt::format("<i class=\"chip\" style=\"background:#{:02x}{:02x}{:02x}\"></i>", one.color[0], one.color[1], one.color[2]);
}

std::string percent(const std::optional<double>& fraction) { return fraction ? fmt::format("{:.1f}", 100 * *fraction) : "–"; }

namespace {

std::string tile(const std::string& value, const std::string& unit, const std::string& name, const std::string& note) {
  return fmt::format("<div class=\"tile\"><b>{}<small>{}</small></b><span>{}</span><em>{}</em></div>", value, unit, name, note);
}

std::string loss_text(double loss) { return fmt::format("{:.{}f}", loss, loss < 100 ? 3 : 0); }

std::string headline(const ReportContent& content) {
  const Metrics metrics = metrics_of(content.confusion);
  const bool has_loss = content.confusion.total() > 0 && std::isfinite(content.val_loss);
  return "<section class=\"tiles\">" +
         tile(percent(metrics.mean_iu), " %", "mean IoU",
              fmt::format("over {} of {} classes", metrics.classes_in_mean, metrics.classes.size())) +
         tile(percent(metrics.acc), " %", "pixel accuracy", "share of valid pixels that are right") +
         tile(percent(metrics.acc_cls), " %", "mean recall", "accuracy averaged over classes") +
         tile(percent(metrics.fwavacc), " %", "frequency-weighted IoU", "classes by their pixels") +
         tile(has_loss ? loss_text(content.val_loss) : "–", "", "cross entropy", "per valid pixel") +
         tile(fmt::format("{}", content.image_count), "", content.image_count == 1 ? "image" : "images", "each evaluated once") +
         "</section>";
}

std::string facts_list(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string html = "<dl class=\"facts\">";
  for (const auto& [name, value] : facts)
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape_html(name), escape_html(value));
  return html + "</dl>";
}

std::string provenance_fold(const std::vector<std::pair<std::string, std::string>>& provenance) {
  if (provenance.empty()) return "";
  return "<details class=\"origin\"><summary>Where the weights come from</summary>" + facts_list(provenance) + "</details>";
}

}  // namespace

std::string report_page(const ReportContent& content) {
  const std::string title = escape_html(content.title);
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light "
      "dark\">"
      "<title>Evaluation: {}</title>\n<style>{}</style></head><body><main>\n<header><h1>Evaluation: {}</h1>",
      title, kReportStyle, title);
  html += facts_list(content.facts) + provenance_fold(content.provenance) + "</header>\n";
  html += headline(content) + '\n';
  html += class_table_section(content.labels, content.confusion) + '\n';
  html += curves_section(content.curves) + '\n';
  html += images_section(content.images, content.labels) + '\n';
  html += heat_map_section(content.labels, content.confusion) + '\n';
  return html + fmt::format("</main>\n<script>{}</script></body></html>\n", kReportScript);
}

}  // namespace strata
