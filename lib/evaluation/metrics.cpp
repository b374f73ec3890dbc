#include "evaluation/confusion.h"

namespace strata {
namespace {

std::optional<double> ratio(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

ClassMetrics class_metrics(const ConfusionMatrix& confusion, int id) {
  ClassMetrics result;
  result.tp = confusion.at(id, id);
  for (int other = 0; other < confusion.num_classes(); ++other) {
    if (other == id) continue;
    result.fn += confusion.at(id, other);
    result.fp += confusion.at(other, id);
  }
  result.iou = ratio(result.tp, result.tp + result.fp + result.fn);
  result.precision = ratio(result.tp, result.tp + result.fp);
  result.recall = ratio(result.tp, result.tp + result.fn);
  return result;
}

// The mean of the values that are there, and how many they are.
struct MeanOf {
  double sum = 0;
  int count = 0;
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum += *value;
    ++count;
  }
  std::optional<double> mean() const { return count ? std::optional(sum / count) : std::nullopt; }
};

}  // namespace

Metrics metrics_of(const ConfusionMatrix& confusion) {
  Metrics metrics;
  const int64_t valid = confusion.total();
  MeanOf iou, recall;
  int64_t right = 0;
  double weighted = 0;
  for (int id = 0; id < confusion.num_classes(); ++id) {
    const ClassMetrics& one = metrics.classes.emplace_back(class_metrics(confusion, id));
    iou.add(one.iou);
    recall.add(one.recall);
    right += one.tp;
    if (valid > 0 && one.iou) weighted += static_cast<double>(one.tp + one.fn) / static_cast<double>(valid) * *one.iou;
  }
  metrics.mean_iu = iou.mean();
  metrics.classes_in_mean = iou.count;
  metrics.acc = ratio(right, valid);
  metrics.acc_cls = recall.mean();
  if (valid > 0) metrics.fwavacc = weighted;
  return metrics;
}

}  // namespace strata
