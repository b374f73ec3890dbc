#include "scenes/colour_row_baseline.h"

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "image/codec.h"
#include "scenes/raw_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace strata {

namespace {

constexpr size_t kPixelsPerClass = 20'000;
constexpr int kRounds = 12;
constexpr int kNoClass = -1;

constexpr std::array<int8_t, 256> kClassOfRaw = [] {
  std::array<int8_t, 256> classes{};
  classes.fill(kNoClass);
  for (int8_t i = 0; i < kBaselineClasses; ++i) classes[static_cast<size_t>(scenes::kTrainLabels[i])] = i;
  return classes;
}();

ColourRow colour_row(const Image& frame, int y, int x) {
  const uint8_t* rgb = frame.row(y) + static_cast<size_t>(x) * 3;
  return {static_cast<float>(rgb[0]) / 255, static_cast<float>(rgb[1]) / 255, static_cast<float>(rgb[2]) / 255,
          static_cast<float>(y) / static_cast<float>(frame.height)};
}

float squared_distance(const ColourRow& a, const ColourRow& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

size_t nearest(const std::vector<ColourRow>& means, const ColourRow& pixel) {
  size_t best = 0;
  for (size_t i = 1; i < means.size(); ++i) {
    if (squared_distance(means[i], pixel) < squared_distance(means[best], pixel)) best = i;
  }
  return best;
}

// One round of Lloyd's algorithm; a mean that nobody is nearest to stays where it is.
void improve(std::vector<ColourRow>& means, const std::vector<ColourRow>& pixels) {
  std::vector<std::array<double, 5>> sums(means.size(), std::array<double, 5>{});
  for (const ColourRow& pixel : pixels) {
    auto& sum = sums[nearest(means, pixel)];
    for (size_t i = 0; i < pixel.size(); ++i) sum[i] += pixel[i];
    sum[4] += 1;
  }
  for (size_t k = 0; k < means.size(); ++k) {
    if (sums[k][4] == 0) continue;
    for (size_t i = 0; i < means[k].size(); ++i) means[k][i] = static_cast<float>(sums[k][i] / sums[k][4]);
  }
}

std::vector<ColourRow> means_of(const std::vector<ColourRow>& pixels) {
  std::vector<ColourRow> means;
  for (size_t k = 0; k < kMeansPerClass; ++k) means.push_back(pixels[pixels.size() * (2 * k + 1) / (2 * kMeansPerClass)]);
  for (int round = 0; round < kRounds; ++round) improve(means, pixels);
  return means;
}

struct PicturePair {
  Image frame, labels;
};

PicturePair read_pair(const fs::path& frame_file, const fs::path& root, const std::string& split) {
  const std::string suffix = "_leftImg8bit.png";
  std::string stem = frame_file.filename().string();
  stem.resize(stem.size() - suffix.size());
  const fs::path labels_file = root / "gtFine" / split / frame_file.parent_path().filename() / (stem + "_gtFine_labelIds.png");
  PicturePair pair{decode_frame(read_file(frame_file), frame_file.string()),
                   decode_labels(read_file(labels_file), labels_file.string())};
  if (pair.frame.height != pair.labels.height || pair.frame.width != pair.labels.width) {
    throw DataError(fmt::format("{} and {} differ in size", frame_file.string(), labels_file.string()));
  }
  return pair;
}

std::vector<fs::path> frames_of(const fs::path& root, const std::string& split) {
  const fs::path folder = root / "leftImg8bit" / split;
  if (!fs::is_directory(folder)) {
    throw MissingInput(fmt::format(
        "no folder {}: the baseline needs a data set in the Cityscapes layout with a train and a val split", folder.string()));
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with("_leftImg8bit.png")) files.push_back(entry.path());
  }
  if (files.empty()) throw MissingInput(fmt::format("no *_leftImg8bit.png below {}", folder.string()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void ColourRowSamples::add(const Image& frame, const Image& labels) {
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const int label = kClassOfRaw[labels.at(y, x)];
      if (label == kNoClass) continue;
      // Reservoir: every pixel of the class is kept with the same probability, decided by a hash of its number.
      std::vector<ColourRow>& kept = pixels_[label];
      const uint64_t number = seen_[label]++;
      if (kept.size() < kPixelsPerClass) {
        kept.push_back(colour_row(frame, y, x));
      } else if (const uint64_t slot = mix64(number + (static_cast<uint64_t>(label) << 56)) % (number + 1);
                 slot < kPixelsPerClass) {
        kept[slot] = colour_row(frame, y, x);
      }
    }
  }
}

double BaselineCounts::iou(int label) const {
  int64_t truth = 0, predicted = 0;
  for (int other = 0; other < kBaselineClasses; ++other) {
    truth += counts_[label][other];
    predicted += counts_[other][label];
  }
  const int64_t both = truth + predicted - counts_[label][label];
  return both == 0 ? -1 : static_cast<double>(counts_[label][label]) / static_cast<double>(both);
}

double BaselineCounts::mean_iou() const {
  double sum = 0;
  int classes = 0;
  for (int label = 0; label < kBaselineClasses; ++label) {
    if (const double value = iou(label); value >= 0) {
      sum += value;
      ++classes;
    }
  }
  return classes == 0 ? 0 : sum / classes;
}

ColourRowBaseline::ColourRowBaseline(const ColourRowSamples& samples) {
  for (int label = 0; label < kBaselineClasses; ++label) {
    if (samples.of_class(label).empty()) continue;
    for (const ColourRow& mean : means_of(samples.of_class(label))) means_.push_back({mean, label});
  }
  if (means_.empty()) throw DataError("the colour-and-row baseline found no labelled pixel to fit to: are these raw label ids?");
}

int ColourRowBaseline::classify(const ColourRow& pixel) const {
  int label = means_[0].label;
  float best = std::numeric_limits<float>::infinity();
  for (const Mean& mean : means_) {
    if (const float distance = squared_distance(mean.at, pixel); distance < best) {
      best = distance;
      label = mean.label;
    }
  }
  return label;
}

void ColourRowBaseline::evaluate(const Image& frame, const Image& labels, BaselineCounts& counts) const {
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const int truth = kClassOfRaw[labels.at(y, x)];
      if (truth != kNoClass) counts.add(truth, classify(colour_row(frame, y, x)));
    }
  }
}

BaselineCounts colour_row_baseline_of(const fs::path& cityscapes_layout) {
  const auto for_each = [&](const std::string& split, const auto& use) {
    for (const fs::path& file : frames_of(cityscapes_layout, split)) {
      const PicturePair pair = read_pair(file, cityscapes_layout, split);
      use(pair.frame, pair.labels);
    }
  };
  ColourRowSamples samples;
  for_each("train", [&](const Image& frame, const Image& labels) { samples.add(frame, labels); });
  const ColourRowBaseline baseline(samples);
  BaselineCounts counts;
  for_each("val", [&](const Image& frame, const Image& labels) { baseline.evaluate(frame, labels, counts); });
  return counts;
}

}  // namespace strata
