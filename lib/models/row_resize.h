#pragma once
// Some rows of a resized tensor, made of the rows that they need.

#include "models/resize_bilinear.h"

#include <functional>

namespace strata {

struct RowRange {
  int64_t first, count;
};

// N x C x count x W of a tensor that exists only as a function of the rows wanted.
using RowSource = std::function<torch::Tensor(RowRange)>;

struct ResizedFrom {
  const RowSource& rows;
  ImageSize size;
};

// Rows of BilinearResize's result from `source` to `size`, contiguous, within rounding. Sample positions are computed in double.
torch::Tensor resized_rows(const BilinearResize& resize, const ResizedFrom& source, ImageSize size, RowRange wanted);

}  // namespace strata
