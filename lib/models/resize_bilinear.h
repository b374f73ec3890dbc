#pragma once
// The one way in which tensors are resized inside networks: bilinear, not antialiased.

#include <torch/types.h>

#include <array>

namespace strata {

using ImageSize = std::array<int64_t, 2>;  // height, width

inline ImageSize size_of(const torch::Tensor& x_NCHW) { return {x_NCHW.size(2), x_NCHW.size(3)}; }
// floor(H s) x floor(W s), at least 1x1.
ImageSize scaled_size(const torch::Tensor& x_NCHW, double scale);

// Sample positions follow from the two sizes alone (a scale factor is never handed on). Keeps the memory format; a tensor that
// has the size already is returned as it is.
class BilinearResize {
 public:
  // Corners of input and output coincide in their centres (kAligned) or in their outer edges (kFree). A property of the weights:
  // those of NVIDIA's want kFree, those of HRNet-OCR's authors kAligned (reference.md 0, fact 6).
  enum class Corners { kFree, kAligned };

  explicit BilinearResize(Corners corners) : corners_(corners) {}
  torch::Tensor operator()(const torch::Tensor& x_NCHW, ImageSize size) const;
  Corners corners() const { return corners_; }

 private:
  Corners corners_;
};

struct ModelOptions;
BilinearResize resize_of(const ModelOptions& options);  // as options.align_corners has it

}  // namespace strata
