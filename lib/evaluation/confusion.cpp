#include "evaluation/confusion.h"

#include "base/error.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <numeric>

namespace strata {

ConfusionMatrix::ConfusionMatrix(int num_classes, std::vector<int64_t> counts) : n_(num_classes), counts_(std::move(counts)) {
  if (counts_.size() != static_cast<size_t>(n_) * n_)
    throw InternalError(fmt::format("a confusion matrix of {} classes was given {} counts", n_, counts_.size()));
}

void ConfusionMatrix::add(const torch::Tensor& predictions, const torch::Tensor& labels) {
  const torch::Tensor truth = labels.flatten().to(torch::kInt64);
  const torch::Tensor counted = (truth >= 0).logical_and(truth < n_);
  const torch::Tensor cell = (truth * n_ + predictions.flatten().to(torch::kInt64)).masked_select(counted);
  const torch::Tensor counts = torch::bincount(cell, {}, static_cast<int64_t>(counts_.size())).cpu();
  if (counts.numel() != static_cast<int64_t>(counts_.size()))
    throw InternalError(fmt::format("a prediction beyond {} classes reached the confusion matrix", n_));
  const int64_t* values = counts.const_data_ptr<int64_t>();
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += values[i];
}

void ConfusionMatrix::add(const ConfusionMatrix& other) {
  if (other.n_ != n_) throw InternalError(fmt::format("confusion matrices of {} and {} classes cannot be added", n_, other.n_));
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

int64_t ConfusionMatrix::total() const { return std::accumulate(counts_.begin(), counts_.end(), int64_t{0}); }

}  // namespace strata
