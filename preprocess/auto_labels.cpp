#include "preprocess/auto_labels.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "preprocess/file_pairs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace strata {

namespace {

constexpr uint8_t kUnlabelled = 0;                       // raw id
constexpr Window kMask = {15, 14, 840 - 15, 2030 - 14};  // what --mask-out leaves of a frame
constexpr int kMaskedHeight = 1024, kMaskedWidth = 2048;

enum Part { kCoarsePart, kConfidencePart };  // of SourceSample::label_parts

Image read_part(const fs::path& file, const Image& labels) {
  Image part = decode_labels(read_file(file), file.string());
  if (part.height != labels.height || part.width != labels.width) {
    throw DataError(fmt::format("{} has {}x{} px, the network's labels beside it {}x{}", file.string(), part.width, part.height,
                                labels.width, labels.height));
  }
  return part;
}

void mask_out(Image& labels, const fs::path& file) {
  if (labels.height != kMaskedHeight || labels.width != kMaskedWidth) {
    throw DataError(fmt::format("{} has {}x{} px: --mask-out is made for frames of {}x{} px; leave it out", file.string(),
                                labels.width, labels.height, kMaskedWidth, kMaskedHeight));
  }
  for (int y = 0; y < labels.height; ++y) {
    for (int x = 0; x < labels.width; ++x) {
      const bool inside = y >= kMask.y && y < kMask.y + kMask.height && x >= kMask.x && x < kMask.x + kMask.width;
      if (!inside) labels.at(y, x) = kUnlabelled;
    }
  }
}

}  // namespace

AutoLabels::AutoLabels(const AutoLabelOptions& options, const LabelSet& labels) : options_(options) {
  if (!(options.confidence >= 0 && options.confidence <= 1))
    throw ConfigError(fmt::format("--confidence {} is not within 0 and 1", options.confidence));
  for (const std::string& name : options.dropout_classes) {
    const auto found =
        std::find_if(labels.classes.begin(), labels.classes.end(), [&](const LabelClass& c) { return c.name == name; });
    if (found == labels.classes.end())
      throw ConfigError(fmt::format("--dropout-classes: '{}' is no class of '{}'", name, labels.name));
    for (size_t raw = 0; raw < dropped_.size(); ++raw) {
      if (labels.known_raw[raw] && labels.raw_to_train[raw] == found - labels.classes.begin()) dropped_[raw] = true;
    }
  }
}

std::vector<SourceSample> AutoLabels::samples(const std::vector<SourceSample>& coarse) const {
  const fs::path directory =
      first_directory({options_.directory / "train_extra"}, fmt::format("--auto-labels {}", options_.directory.string()));
  std::vector<SourceSample> samples = coarse;
  std::vector<std::string> missing;
  for (SourceSample& sample : samples) {
    const fs::path labels = directory / (sample.name + ".png"), confidence = directory / (sample.name + "_prob.png");
    sample.label_parts = {sample.labels};
    sample.labels = labels;
    if (options_.confidence > 0) sample.label_parts.push_back(confidence);
    std::error_code unreadable;
    for (const fs::path& file : {labels, sample.label_parts.back()}) {
      if (!fs::is_regular_file(file, unreadable)) missing.push_back(file.string());
    }
    if (!missing.empty()) continue;
    sample.label_bytes = size_of_file(labels);
    for (const fs::path& part : sample.label_parts) sample.label_bytes += size_of_file(part);
  }
  if (!missing.empty()) {
    throw DataError(
        fmt::format("{} files of the network's labels are missing, the first is {}", missing.size(), missing.front()));
  }
  return samples;
}

Image AutoLabels::read(const SourceSample& sample) const {
  Image labels = decode_labels(read_file(sample.labels), sample.labels.string());
  const Image coarse = read_part(sample.label_parts.at(kCoarsePart), labels);
  std::optional<Image> confidence;
  if (options_.confidence > 0) confidence = read_part(sample.label_parts.at(kConfidencePart), labels);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    uint8_t& label = labels.pixels[i];
    if (dropped_[label] || dropped_[coarse.pixels[i]]) {
      label = coarse.pixels[i];
    } else if (confidence && confidence->pixels[i] / 255.0 < options_.confidence) {
      label = kUnlabelled;
    }
  }
  if (options_.mask_out == AutoLabelOptions::MaskOut::kYes) mask_out(labels, sample.labels);
  return labels;
}

std::map<std::string, std::string> AutoLabels::settings() const {
  std::map<std::string, std::string> settings{{"auto_labels", "yes"}, {"confidence", fmt::format("{}", options_.confidence)}};
  if (!options_.dropout_classes.empty())
    settings["dropout_classes"] = fmt::format("{}", fmt::join(options_.dropout_classes, ","));
  if (options_.mask_out == AutoLabelOptions::MaskOut::kYes) settings["mask_out"] = "yes";
  return settings;
}

}  // namespace strata
