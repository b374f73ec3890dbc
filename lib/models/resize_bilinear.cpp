#include "models/resize_bilinear.h"

#include "models/segmentation_model.h"

#include <algorithm>
#include <cmath>

namespace strata {

ImageSize scaled_size(const torch::Tensor& x_NCHW, double scale) {
  const auto scaled = [scale](int64_t extent) {
    return std::max<int64_t>(1, static_cast<int64_t>(std::floor(static_cast<double>(extent) * scale)));
  };
  return {scaled(x_NCHW.size(2)), scaled(x_NCHW.size(3))};
}

torch::Tensor BilinearResize::operator()(const torch::Tensor& x_NCHW, ImageSize size) const {
  if (size_of(x_NCHW) == size) return x_NCHW;
  return at::upsample_bilinear2d(x_NCHW, size, corners_ == Corners::kAligned);
}

BilinearResize resize_of(const ModelOptions& options) {
  return BilinearResize(options.align_corners ? BilinearResize::Corners::kAligned : BilinearResize::Corners::kFree);
}

}  // namespace strata
