// ATen's kernels of batch norm on a GPU. Needs no CUDA to compile: ATen finds them when the CUDA module is loaded. Untried on a
// GPU.

#include "distributed/batch_norm_ops.h"

#include <ATen/AccumulateType.h>

namespace strata {

namespace {

constexpr double kEps = 1e-5;  // only to keep ATen's 1 / sqrt(variance + eps) finite; taken off again

torch::Tensor in_type_of(const torch::Tensor& values, const torch::Tensor& like) {
  return values.to(at::toAccumulateType(like.scalar_type(), true));
}

torch::Tensor moments(const torch::Tensor& x_NCHW) {
  const auto [mean, invstd] = at::batch_norm_stats(x_NCHW, kEps);
  const double pixels = static_cast<double>(x_NCHW.numel() / x_NCHW.size(1));
  const torch::Tensor mean_C = mean.to(torch::kFloat64);
  const torch::Tensor variance_C = invstd.to(torch::kFloat64).pow(-2) - kEps;
  return torch::cat({torch::full({1}, pixels, mean_C.options()), pixels * mean_C, pixels * (variance_C + mean_C.square())});
}

GroupStatistics statistics(const torch::Tensor& moments, double eps) {
  const std::vector<torch::Tensor> parts = moments.slice(0, 1).chunk(2);
  GroupStatistics result;
  result.pixels_1 = moments.slice(0, 0, 1);
  result.mean_C = parts[0] / result.pixels_1;
  result.invstd_C = (parts[1] / result.pixels_1 - result.mean_C.square()).clamp_min(0).add(eps).rsqrt();
  result.variance_C = (parts[1] - parts[0] * result.mean_C).clamp_min(0) / (result.pixels_1 - 1);
  return result;
}

torch::Tensor normalise(const torch::Tensor& x_NCHW, const GroupStatistics& statistics, const torch::Tensor& weight_C,
                        const torch::Tensor& bias_C, const torch::Tensor& /*residual_NCHW: takes_along is false*/,
                        bool /*relu*/) {
  return at::batch_norm_elemt(x_NCHW, weight_C, bias_C, in_type_of(statistics.mean_C, x_NCHW),
                              in_type_of(statistics.invstd_C, x_NCHW), kEps);
}

torch::Tensor gradient_sums(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& /*relu_NCHW*/,
                            const GroupStatistics& statistics) {
  const auto sums = at::batch_norm_backward_reduce(dy_NCHW, x_NCHW, in_type_of(statistics.mean_C, x_NCHW),
                                                   in_type_of(statistics.invstd_C, x_NCHW), {},
                                                   /*input_g=*/true, /*weight_g=*/false, /*bias_g=*/false);
  return torch::cat({std::get<0>(sums), std::get<1>(sums)}).to(torch::kFloat64);
}

torch::Tensor input_gradient(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& /*relu_NCHW*/,
                             const GroupStatistics& statistics, const torch::Tensor& weight_C, const torch::Tensor& sums_2C) {
  const std::vector<torch::Tensor> sums = in_type_of(sums_2C, x_NCHW).chunk(2);
  return at::batch_norm_backward_elemt(dy_NCHW, x_NCHW, in_type_of(statistics.mean_C, x_NCHW),
                                       in_type_of(statistics.invstd_C, x_NCHW), weight_C, sums[0], sums[1],
                                       statistics.pixels_1.to(torch::kInt32));
}

}  // namespace

const BatchNormOps kCudaBatchNorm{false, moments, statistics, normalise, gradient_sums, input_gradient};

}  // namespace strata
