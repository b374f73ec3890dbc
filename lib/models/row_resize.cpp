#include "models/row_resize.h"

#include <algorithm>
#include <array>
#include <vector>

namespace strata {

namespace {

using Corners = BilinearResize::Corners;

// Where rows of the output lie between two rows of the input.
struct Taps {
  std::vector<int64_t> upper, lower;
  std::vector<double> share_of_lower;
};

double source_position(Corners corners, int64_t row, int64_t from, int64_t to) {
  const auto position = static_cast<double>(row), in = static_cast<double>(from), out = static_cast<double>(to);
  if (corners == Corners::kAligned) return to > 1 ? position * (in - 1) / (out - 1) : 0.0;
  return std::max(0.0, (position + 0.5) * in / out - 0.5);
}

Taps taps_of(Corners corners, int64_t from, int64_t to, RowRange wanted) {
  Taps taps;
  for (int64_t row = wanted.first; row < wanted.first + wanted.count; ++row) {
    const double position = source_position(corners, row, from, to);
    const int64_t upper = std::min(static_cast<int64_t>(position), from - 1);
    taps.upper.push_back(upper);
    taps.lower.push_back(std::min(upper + 1, from - 1));
    taps.share_of_lower.push_back(std::clamp(position - static_cast<double>(upper), 0.0, 1.0));
  }
  return taps;
}

torch::Tensor picked_rows(const torch::Tensor& x_NCHW, std::vector<int64_t> rows, int64_t first) {
  for (int64_t& row : rows) row -= first;
  const torch::Tensor index = torch::tensor(rows, torch::kInt64).to(x_NCHW.device());
  return x_NCHW.index_select(2, index);
}

torch::Tensor with_width(const torch::Tensor& x_NCHW, int64_t width, Corners corners) {
  if (x_NCHW.size(3) == width) return x_NCHW;
  const torch::Tensor lines_NLW = x_NCHW.reshape({x_NCHW.size(0), x_NCHW.size(1) * x_NCHW.size(2), x_NCHW.size(3)});
  const std::array<int64_t, 1> size = {width};
  return at::upsample_linear1d(lines_NLW, at::IntArrayRef(size), corners == Corners::kAligned)
      .view({x_NCHW.size(0), x_NCHW.size(1), x_NCHW.size(2), width});
}

}  // namespace

torch::Tensor resized_rows(const BilinearResize& resize, const ResizedFrom& source, ImageSize size, RowRange wanted) {
  const Corners corners = resize.corners();
  if (source.size[0] == size[0]) return with_width(source.rows(wanted), size[1], corners);
  const Taps taps = taps_of(corners, source.size[0], size[0], wanted);
  const RowRange needed{taps.upper.front(), taps.lower.back() - taps.upper.front() + 1};
  torch::Tensor x_NCHW = source.rows(needed);
  const auto blend_rows = [&](const torch::Tensor& x) {
    const torch::Tensor share = torch::tensor(taps.share_of_lower, torch::kFloat64).to(x.device(), x.scalar_type()).unsqueeze(1);
    return picked_rows(x, taps.upper, needed.first).lerp_(picked_rows(x, taps.lower, needed.first), share);
  };
  // Whatever makes the tensor smaller comes first.
  if (source.size[0] > size[0]) return with_width(blend_rows(x_NCHW), size[1], corners);
  return blend_rows(with_width(x_NCHW, size[1], corners));
}

}  // namespace strata
