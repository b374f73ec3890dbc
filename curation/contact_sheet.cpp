#include "curation/contact_sheet.h"

#include "base/error.h"
#include "base/random.h"
#include "data/dataset.h"
#include "evaluation/html.h"
#include "image/codec.h"
#include "image/resize.h"
#include "loader/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

constexpr int kQuality = 85;
constexpr double kLabelWeight = 0.6;  // of the colour over the frame

Image shrunk(const Image& image, int side, Filter filter) {
  const int longest = std::max(image.height, image.width);
  if (longest <= side) return image;
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(static_cast<int64_t>(length) * side / longest)); };
  return resize(image, scaled(image.height), scaled(image.width), filter);
}

// Labels in colour over the frame; ignored pixels stay as they are.
Image colored(Image frame, const Image& train_ids, const LabelSet& labels) {
  for (size_t i = 0; i < train_ids.pixels.size(); ++i) {
    if (train_ids.pixels[i] >= labels.classes.size()) continue;
    const std::array<uint8_t, 3>& color = labels.classes[train_ids.pixels[i]].color;
    for (size_t c = 0; c < 3; ++c) {
      uint8_t& value = frame.pixels[3 * i + c];
      value = static_cast<uint8_t>((1 - kLabelWeight) * value + kLabelWeight * color[c]);
    }
  }
  return frame;
}

std::string picture(const Image& image) {
  return fmt::format("<td><img src=\"{}\"></td>", data_uri("image/jpeg", encode_jpeg(image, kQuality)));
}

std::string pictures(Image frame, Image train_ids, const LabelSet& labels, int side) {
  frame = shrunk(frame, side, Filter::kBilinear);
  train_ids = shrunk(train_ids, side, Filter::kNearest);
  return picture(frame) + picture(colored(frame, train_ids, labels));
}

std::string row(const Dataset& dataset, size_t index, const SheetOptions& options) {
  const Sample& sample = dataset.sample(index);
  RandomStream random({options.seed, 0, index, Purpose::kUniformSample});
  std::optional<Centroid> centroid;
  if (!sample.centroids.empty()) centroid = sample.centroids[random.below(sample.centroids.size())];
  const AugmentPlan plan = plan_augmentation(options.augment, static_cast<int>(sample.height), static_cast<int>(sample.width),
                                             centroid, {options.seed, 0, index});
  AugmentedSample view = read_augmented(dataset, index, plan);
  const std::string around = centroid ? "crop around " + dataset.labels().classes[centroid->class_id].name : "crop anywhere";
  return fmt::format("<tr><th colspan=2>{} ({}x{})</th><th colspan=2>{}{}</th></tr>\n<tr>{}{}</tr>\n", escape_html(sample.name),
                     sample.width, sample.height, escape_html(around), plan.flip ? ", mirrored" : "",
                     pictures(read_frame(dataset, index, whole(sample)), read_labels(dataset, index, whole(sample)),
                              dataset.labels(), options.side),
                     pictures(std::move(view.frame), std::move(view.labels), dataset.labels(), options.side));
}

std::string legend(const LabelSet& labels) {
  std::string text = "<p>";
  for (const LabelClass& one : labels.classes) {
    text += fmt::format("<span style=\"border-left:1em solid rgb({},{},{})\">&nbsp;{}</span> ", one.color[0], one.color[1],
                        one.color[2], escape_html(one.name));
  }
  return text + "</p>\n";
}

}  // namespace

std::string contact_sheet(const SheetOptions& options) {
  if (options.side < 16 || options.side > 4096)
    throw ConfigError(fmt::format("--side {} px is not within 16 and 4096", options.side));
  require_valid(options.augment);
  const Dataset dataset(options.data, options.split);
  std::vector<uint32_t> order = random_permutation(dataset.size(), {options.seed, 0, 0, Purpose::kUniformSample});
  order.resize(std::min<size_t>(order.size(), options.count));
  std::sort(order.begin(), order.end());
  std::string rows;
  for (const uint32_t index : order) rows += row(dataset, index, options);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}, {1}</title>\n<style>body{{font:14px sans-serif}}"
      "th{{text-align:left;font-weight:normal}}span{{margin-right:1em;white-space:nowrap}}</style>\n"
      "<h1>{0}, split {1}: {2} of {3} samples</h1>\n{4}<table>\n{5}</table>\n</html>\n",
      escape_html(dataset.manifest().dataset), escape_html(options.split), order.size(), dataset.size(), legend(dataset.labels()),
      rows);
}

}  // namespace strata
