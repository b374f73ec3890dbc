// Sections of the report with pictures: curves of the run, and images.

#include "evaluation/html.h"
#include "evaluation/report_sections.h"

#include <fmt/format.h>

namespace strata {
namespace {

struct Caption {
  std::string title;
  std::string explanation;
};

Caption caption_of(const std::string& kind) {
  constexpr std::string_view kAttention = "attention-";
  if (kind == "frame") return {"Frame", "what the network was given"};
  if (kind == "truth") return {"Ground truth", "black: not counted"};
  if (kind == "prediction") return {"Prediction", "for every pixel"};
  if (kind == "errors") return {"Errors", "red: wrong; black: not counted"};
  if (kind.starts_with(kAttention))
    return {"Attention at " + kind.substr(kAttention.size()) + "×", "yellow: this scale decides; dark: finer scales do"};
  return {kind, ""};
}

std::string figure(const ReportImage::Figure& one, const std::string& image_name) {
  const Caption caption = caption_of(one.kind);
  return fmt::format("<figure><img src=\"{}\" alt=\"{} of {}: {}\" loading=\"lazy\"><figcaption>{}</figcaption></figure>",
                     escape_html(one.data_uri), escape_html(caption.title), escape_html(image_name),
                     escape_html(caption.explanation), escape_html(caption.title));
}

std::string numbers(const ReportImage& image) {
  if (!image.mean_iu) return "no pixel is labelled";
  return fmt::format("{}mean IoU {} %, accuracy {} %, loss {:.3f}", image.place.empty() ? "" : escape_html(image.place) + ": ",
                     percent(image.mean_iu), percent(image.acc), image.loss);
}

std::string card(const ReportImage& image) {
  std::string html =
      fmt::format("<article><h3>{} <small>{}</small></h3><div class=\"figures\">", escape_html(image.name), numbers(image));
  for (const ReportImage::Figure& one : image.figures) html += figure(one, image.name);
  return html + "</div></article>\n";
}

}  // namespace

std::string curves_section(const std::vector<LineChart>& curves) {
  std::string charts;
  for (const LineChart& curve : curves)
    if (const std::string chart = line_chart_html(curve); !chart.empty())
      charts += fmt::format("<figure><figcaption><b>{}</b></figcaption>{}</figure>", escape_html(curve.title), chart);
  return charts.empty() ? "" : "<section><h2>The training run</h2><div class=\"charts\">" + charts + "</div></section>";
}

std::string images_section(const std::vector<ReportImage>& images, const LabelSet& labels) {
  if (images.empty()) return {};
  std::string html =
      "<section><h2>Images</h2><p class=\"note\">From the lowest to the highest mean IoU, evenly spread. Black: not counted. "
      "Errors are red. "
      "Attention: yellow where this scale decides, dark where finer scales do. Click a picture to enlarge its row.</p><ul "
      "class=\"legend\">";
  for (const LabelClass& one : labels.classes) html += "<li>" + colour_chip(one) + escape_html(one.name) + "</li>";
  html += "</ul>\n";
  for (const ReportImage& image : images) html += card(image);
  return html + "</section>";
}

}  // namespace strata
