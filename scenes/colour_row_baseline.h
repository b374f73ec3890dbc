#pragma once
// How far colour and place alone go: the nearest of 8 means of (R, G, B, row) per class. A network that has learned shapes must
// be clearly better; scenes that this rule could solve would prove nothing.

#include "image/image.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace strata {

inline constexpr int kBaselineClasses = 19;
inline constexpr int kMeansPerClass = 8;

// Red, green, blue and row, each in 0..1.
using ColourRow = std::array<float, 4>;

// Pixels to fit to, of each class a bounded number spread evenly over all pictures. Frames are RGB, labels raw ids of the
// Cityscapes layout; void pixels are skipped.
class ColourRowSamples {
 public:
  void add(const Image& frame, const Image& labels);
  const std::vector<ColourRow>& of_class(int label) const { return pixels_[label]; }

 private:
  std::array<std::vector<ColourRow>, kBaselineClasses> pixels_;
  std::array<uint64_t, kBaselineClasses> seen_{};
};

// Rows: ground truth, columns: prediction.
class BaselineCounts {
 public:
  void add(int truth, int predicted) { ++counts_[truth][predicted]; }
  // Null (negative) where a class neither occurs nor is predicted.
  double iou(int label) const;
  // Over the classes that occur or are predicted.
  double mean_iou() const;

 private:
  std::array<std::array<int64_t, kBaselineClasses>, kBaselineClasses> counts_{};
};

class ColourRowBaseline {
 public:
  // k-means (Lloyd) per class, started from pixels spread evenly through the samples: the same samples give the same means.
  explicit ColourRowBaseline(const ColourRowSamples& samples);

  int classify(const ColourRow& pixel) const;
  void evaluate(const Image& frame, const Image& labels, BaselineCounts& counts) const;

 private:
  struct Mean {
    ColourRow at;
    int label;
  };
  std::vector<Mean> means_;
};

// Fits to the train split of a folder in the Cityscapes layout and counts over its val split. MissingInput where a split or a
// picture's labels are not there, DataError where a picture cannot be read.
BaselineCounts colour_row_baseline_of(const std::filesystem::path& cityscapes_layout);

}  // namespace strata
