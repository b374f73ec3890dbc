#pragma once
// The page about an evaluation: one HTML file that needs nothing else, readable on a phone, in light and dark mode.

#include "data/label_set.h"
#include "evaluation/confusion.h"
#include "evaluation/line_chart.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// One image as a row of figures.
struct ReportImage {
  std::string name;
  std::string place;                   // "lowest", "median", ... among the images' mean IoU
  std::optional<double> mean_iu, acc;  // fractions
  double loss = 0;
  struct Figure {
    std::string kind;  // as in CodedPicture
    std::string data_uri;
  };
  std::vector<Figure> figures;
};

struct ReportContent {
  std::string title;                                                 // "cityscapes, val"
  std::vector<std::pair<std::string, std::string>> facts;            // what was evaluated and how: ("Scales", "0.5, 1, 2")
  std::vector<std::pair<std::string, std::string>> provenance = {};  // of the weights; folded away until asked for
  LabelSet labels;
  ConfusionMatrix confusion;
  double val_loss = 0;
  size_t image_count = 0;
  std::vector<LineChart> curves;  // of the training run; may be empty
  std::vector<ReportImage> images;
};

// The whole page. All text from outside is escaped; pictures must be data: URIs. A pure function of its argument.
std::string report_page(const ReportContent& content);

}  // namespace strata
