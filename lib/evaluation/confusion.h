#pragma once
// Confusion matrices and what follows from them (reference.md 1.7, 1.8).

#include <cstdint>
#include <optional>
#include <vector>

namespace at {
class Tensor;  // torch::Tensor
}

namespace strata {

// Rows = ground truth, columns = prediction; exact integers.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int num_classes) : n_(num_classes), counts_(static_cast<size_t>(num_classes) * num_classes) {}
  // From row-major counts; InternalError where they are not num_classes squared.
  ConfusionMatrix(int num_classes, std::vector<int64_t> counts);

  // Integer tensors of one shape on one device; labels outside [0, C) are not counted; predictions lie in [0, C).
  void add(const at::Tensor& predictions, const at::Tensor& labels);
  void add(const ConfusionMatrix& other);

  int num_classes() const { return n_; }
  int64_t at(int truth, int prediction) const { return counts_[static_cast<size_t>(truth) * n_ + prediction]; }
  int64_t total() const;
  std::vector<int64_t>& counts() { return counts_; }
  const std::vector<int64_t>& counts() const { return counts_; }

 private:
  int n_;
  std::vector<int64_t> counts_;
};

struct ClassMetrics {
  std::optional<double> iou, precision, recall;  // fractions; nothing where the denominator is 0
  int64_t tp = 0, fp = 0, fn = 0;                // pixels
};

// A mean is over the classes that have a value; nothing where none has.
struct Metrics {
  std::vector<ClassMetrics> classes;
  std::optional<double> mean_iu;  // over classes with a non-empty union
  int classes_in_mean = 0;
  std::optional<double> acc;      // share of valid pixels that are right
  std::optional<double> acc_cls;  // mean recall
  std::optional<double> fwavacc;  // IoU weighted by the class' share of valid pixels
};

Metrics metrics_of(const ConfusionMatrix& confusion);

}  // namespace strata
