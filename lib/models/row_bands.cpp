#include "models/row_bands.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace strata {

namespace {

constexpr int64_t kBandPixels = 16'384;  // fewer: less memory; more: less to start

}  // namespace

torch::Tensor by_row_bands(const torch::Tensor& x_NCHW, const PixelFunction& function) {
  const int64_t height = x_NCHW.size(2);
  const int64_t rows = std::max<int64_t>(1, kBandPixels / std::max<int64_t>(1, x_NCHW.size(0) * x_NCHW.size(3)));
  if (at::GradMode::is_enabled() || rows >= height) return function(x_NCHW);
  torch::Tensor whole;
  for (int64_t first = 0; first < height; first += rows) {
    const int64_t count = std::min(rows, height - first);
    const torch::Tensor band = function(x_NCHW.narrow(2, first, count));
    if (!whole.defined()) {
      whole = torch::empty({band.size(0), band.size(1), height, band.size(3)}, band.options(), band.suggest_memory_format());
    }
    whole.narrow(2, first, count).copy_(band);
  }
  return whole;
}

}  // namespace strata
