#include "losses/image_weighted_cross_entropy.h"

#include "base/error.h"
#include "losses/class_weights.h"
#include "losses/masked_targets.h"
#include "losses/pixel_counts.h"

#include <fmt/format.h>

#include <numeric>

namespace strata {

using Source = ImageWeightOptions::Source;

torch::Tensor ImageWeightedCrossEntropyLoss::share(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW,
                                                   const LossScope& scope) const {
  const int64_t classes = logits_NCHW.size(1);
  require_matching(logits_NCHW, labels_NHW, classes);
  if (static_cast<int64_t>(scope.class_pixels.size()) != classes) {
    throw InternalError(
        fmt::format("pixels of {} classes were counted for logits of {} classes", scope.class_pixels.size(), classes));
  }
  std::vector<int64_t> of_batch = scope.class_pixels;
  if (options_.source == Source::kReference && ignore_id_ == classes) of_batch.back() += scope.ignored_pixels;
  const torch::Tensor log_p_NCHW = logits_NCHW.log_softmax(1);
  torch::Tensor sum = torch::zeros({}, logits_NCHW.options());
  for (int64_t i = 0; i < logits_NCHW.size(0); ++i) {
    const torch::Tensor label_1HW = labels_NHW.narrow(0, i, 1);
    const std::vector<int64_t> of_image = pixels_of_classes(label_1HW, classes);
    const std::vector<double> weights = weights_of(options_.source == Source::kImage ? of_image : of_batch);
    const double total = total_weight(weights, of_image);
    const torch::Tensor image_sum = at::nll_loss2d(log_p_NCHW.narrow(0, i, 1), label_1HW,
                                                   class_weight_tensor(weights, logits_NCHW), at::Reduction::Sum, ignore_id_);
    sum = sum + image_sum / (total > 0 ? total : 1.0);
  }
  return options_.source == Source::kReference ? sum : sum / static_cast<double>(scope.samples);
}

std::vector<double> ImageWeightedCrossEntropyLoss::weights_of(std::vector<int64_t> class_pixels) const {
  const auto all = static_cast<double>(std::accumulate(class_pixels.begin(), class_pixels.end(), int64_t{0}));
  std::vector<double> weights;
  for (const int64_t pixels : class_pixels) {
    weights.push_back(pixels == 0 ? 1.0 : options_.bound * (1 - static_cast<double>(pixels) / all) + 1);
  }
  return weights;
}

}  // namespace strata
