#include "losses/pixel_counts.h"

namespace strata {

std::vector<int64_t> pixels_of_classes(const torch::Tensor& labels_NHW, int64_t num_classes) {
  const torch::Tensor counted = labels_NHW.masked_select(labels_NHW.ge(0).logical_and(labels_NHW.lt(num_classes)));
  const torch::Tensor counts = torch::bincount(counted, {}, num_classes).cpu();
  const auto* begin = counts.const_data_ptr<int64_t>();
  return {begin, begin + num_classes};
}

}  // namespace strata
