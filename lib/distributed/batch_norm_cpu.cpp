#include "distributed/batch_norm_loops.h"
#include "distributed/batch_norm_ops.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace strata {

namespace {

constexpr int64_t kBlockValues = 8 * 1024;  // re-read from the cache once per kLanes
constexpr int64_t kSlabValues =
    64 * 1024;  // summed by one thread; larger: fewer partial sums to add, less to share among threads
constexpr int64_t kMostSlabs = 64;
constexpr int64_t kElementwiseGrain = 32 * 1024;  // values a thread takes at least

// Channels-last memory as rows of `width` values (batch_norm_loops.h), and the rest that fills no row.
struct Rows {
  int64_t channels, width, count, rest;
};

Rows rows_of(const torch::Tensor& x_NCHW) {
  const int64_t channels = x_NCHW.size(1);
  int64_t width = channels;
  while (width % kLanes != 0 || width < 8 * kLanes) width += channels;
  return {channels, width, x_NCHW.numel() / width, x_NCHW.numel() % width};
}

torch::Tensor channels_last(const torch::Tensor& tensor_NCHW) { return tensor_NCHW.contiguous(at::MemoryFormat::ChannelsLast); }

std::vector<double> values_of(const torch::Tensor& values_C) {
  const torch::Tensor values = values_C.to(torch::kFloat64).contiguous();
  return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
}

template <typename T>
std::vector<T> repeated(const std::vector<double>& values_C, int64_t width) {
  std::vector<T> row(static_cast<size_t>(width));
  for (size_t l = 0; l < row.size(); ++l) row[l] = static_cast<T>(values_C[l % values_C.size()]);
  return row;
}

constexpr std::integral_constant<Relu, Relu::kYes> kRelu;
constexpr std::integral_constant<Relu, Relu::kNo> kNoRelu;
constexpr std::integral_constant<Residual, Residual::kYes> kResidual;
constexpr std::integral_constant<Residual, Residual::kNo> kNoResidual;

// with(kRelu) or with(kNoRelu): for where a ReLU follows and where none does
template <typename With>
void with_relu(bool relu, const With& with) {
  relu ? with(kRelu) : with(kNoRelu);
}

// Adds the two sums of each lane to those of its channel.
void fold(const std::vector<double>& lanes, const Rows& rows, double* channels) {
  for (int64_t begin = 0; begin < 2 * rows.width; begin += rows.channels) {
    double* into = channels + (begin < rows.width ? 0 : rows.channels);
    for (int64_t c = 0; c < rows.channels; ++c) into[c] += lanes[begin + c];
  }
}

// Two sums per channel, into `channels` [2C]: add(first row, rows, lanes) adds up part of the tensor, add_rest(lanes) what fills
// no row. Slabs depend on the size alone and are added in their order, so the number of threads does not matter.
template <typename Add, typename AddRest>
void sum_rows(const Rows& rows, double* channels, const Add& add, const AddRest& add_rest) {
  const int64_t slab_rows = std::max({int64_t{1}, kSlabValues / rows.width, (rows.count + kMostSlabs - 1) / kMostSlabs});
  const int64_t slabs = (rows.count + slab_rows - 1) / slab_rows;
  const int64_t block_rows = std::max<int64_t>(1, kBlockValues / rows.width);
  std::vector<std::vector<double>> lanes(slabs + 1, std::vector<double>(2 * rows.width));
  at::parallel_for(0, slabs, 1, [&](int64_t begin, int64_t end) {
    for (int64_t slab = begin; slab < end; ++slab) {
      const int64_t slab_end = std::min(rows.count, (slab + 1) * slab_rows);
      for (int64_t row = slab * slab_rows; row < slab_end; row += block_rows)
        add(row, std::min(block_rows, slab_end - row), lanes[slab].data());
    }
  });
  add_rest(lanes[slabs].data());
  std::fill_n(channels, 2 * rows.channels, 0.0);
  for (const std::vector<double>& slab : lanes) fold(slab, rows, channels);
}

// loop(first value, rows, width) over the whole tensor.
template <typename Loop>
void for_all_rows(const Rows& rows, const Loop& loop) {
  at::parallel_for(0, rows.count, std::max<int64_t>(1, kElementwiseGrain / rows.width),
                   [&](int64_t begin, int64_t end) { loop(begin * rows.width, end - begin, rows.width); });
  if (rows.rest > 0) loop(rows.count * rows.width, 1, rows.rest);
}

torch::Tensor moments(const torch::Tensor& x_NCHW) {
  const torch::Tensor x = channels_last(x_NCHW);
  const Rows rows = rows_of(x);
  torch::Tensor result = torch::empty({1 + 2 * rows.channels}, torch::kFloat64);
  double* out = result.mutable_data_ptr<double>();
  out[0] = static_cast<double>(x.numel() / rows.channels);
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, x.scalar_type(), "batch_norm_moments", [&] {
    const scalar_t* values = x.const_data_ptr<scalar_t>();
    const auto add = [&](int64_t row, int64_t count, double* sums) {
      run_vectorised([&]() STRATA_INLINE_LAMBDA { add_moments(values + row * rows.width, count, rows.width, sums); });
    };
    const auto add_rest = [&](double* sums) {
      for (int64_t l = 0; l < rows.rest; ++l) {
        const double value = values[rows.count * rows.width + l];
        sums[l] += value;
        sums[rows.width + l] += value * value;
      }
    };
    sum_rows(rows, out + 1, add, add_rest);
  });
  return result;
}

GroupStatistics statistics(const torch::Tensor& moments, double eps) {
  const int64_t channels = moments.numel() / 2;
  GroupStatistics result;
  result.pixels_1 = moments.narrow(0, 0, 1);
  for (torch::Tensor* each : {&result.mean_C, &result.invstd_C, &result.variance_C})
    *each = torch::empty({channels}, moments.options());
  const double pixels = *moments.const_data_ptr<double>();
  const double *sums = moments.const_data_ptr<double>() + 1, *squares = sums + channels;
  double *mean = result.mean_C.mutable_data_ptr<double>(), *invstd = result.invstd_C.mutable_data_ptr<double>(),
         *variance = result.variance_C.mutable_data_ptr<double>();
  for (int64_t c = 0; c < channels; ++c) {
    mean[c] = sums[c] / pixels;
    invstd[c] = 1 / std::sqrt(std::max(squares[c] / pixels - mean[c] * mean[c], 0.0) + eps);
    variance[c] = std::max(squares[c] - sums[c] * mean[c], 0.0) / (pixels - 1);
  }
  return result;
}

torch::Tensor normalise(const torch::Tensor& x_NCHW, const GroupStatistics& statistics, const torch::Tensor& weight_C,
                        const torch::Tensor& bias_C, const torch::Tensor& residual_NCHW, bool relu) {
  const torch::Tensor x = channels_last(x_NCHW);
  const torch::Tensor residual = residual_NCHW.defined() ? channels_last(residual_NCHW) : residual_NCHW;
  const Rows rows = rows_of(x);
  torch::Tensor y = torch::empty_like(x);
  const std::vector<double> mean = values_of(statistics.mean_C), weight = values_of(weight_C);
  std::vector<double> scale_C = values_of(statistics.invstd_C), shift_C = values_of(bias_C);
  for (size_t c = 0; c < scale_C.size(); ++c) {
    scale_C[c] *= weight[c];
    shift_C[c] -= mean[c] * scale_C[c];
  }
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, x.scalar_type(), "batch_norm_normalise", [&] {
    const auto scale = repeated<Computed<scalar_t>>(scale_C, rows.width),
               shift = repeated<Computed<scalar_t>>(shift_C, rows.width);
    const scalar_t* from = x.const_data_ptr<scalar_t>();
    scalar_t* to = y.mutable_data_ptr<scalar_t>();
    const auto all = [&](auto follows, auto add, const scalar_t* added) {
      for_all_rows(rows, [&](int64_t at, int64_t count, int64_t width) {
        run_vectorised([&]() STRATA_INLINE_LAMBDA {
          scale_and_shift<follows(), add()>(from + at, added ? added + at : nullptr, count, width, scale.data(), shift.data(),
                                            to + at);
        });
      });
    };
    if (residual.defined()) {
      all(kRelu, kResidual, residual.const_data_ptr<scalar_t>());
    } else {
      with_relu(relu, [&](auto follows) { all(follows, kNoResidual, nullptr); });
    }
  });
  return y;
}

torch::Tensor gradient_sums(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& relu_NCHW,
                            const GroupStatistics& statistics) {
  const torch::Tensor x = channels_last(x_NCHW), dy = channels_last(dy_NCHW);
  const Rows rows = rows_of(x);
  torch::Tensor result = torch::empty({2 * rows.channels}, torch::kFloat64);
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, x.scalar_type(), "batch_norm_gradient_sums", [&] {
    const auto mean = repeated<Summed<scalar_t>>(values_of(statistics.mean_C), rows.width);
    const scalar_t *values = x.const_data_ptr<scalar_t>(), *gradients = dy.const_data_ptr<scalar_t>();
    const scalar_t* outputs = relu_NCHW.defined() ? relu_NCHW.const_data_ptr<scalar_t>() : nullptr;
    const auto add_rest = [&](double* sums) {
      const int64_t at = rows.count * rows.width;
      for (int64_t l = 0; l < rows.rest; ++l) {
        if (outputs && outputs[at + l] <= 0) continue;
        const double value = values[at + l], gradient = gradients[at + l];
        sums[l] += gradient;
        sums[rows.width + l] += gradient * (value - mean[l]);
      }
    };
    with_relu(outputs, [&](auto follows) {
      const auto add = [&](int64_t row, int64_t count, double* sums) {
        const int64_t at = row * rows.width;
        run_vectorised([&]() STRATA_INLINE_LAMBDA {
          add_gradient_sums<follows()>(values + at, gradients + at, follows() == Relu::kYes ? outputs + at : nullptr, count,
                                       rows.width, mean.data(), sums);
        });
      };
      sum_rows(rows, result.mutable_data_ptr<double>(), add, add_rest);
    });
  });
  return result;
}

torch::Tensor input_gradient(const torch::Tensor& x_NCHW, const torch::Tensor& dy_NCHW, const torch::Tensor& relu_NCHW,
                             const GroupStatistics& statistics, const torch::Tensor& weight_C, const torch::Tensor& sums_2C) {
  const torch::Tensor x = channels_last(x_NCHW), dy = channels_last(dy_NCHW);
  const Rows rows = rows_of(x);
  torch::Tensor dx = torch::empty_like(x);
  const double pixels = statistics.pixels_1.item<double>();
  const std::vector<double> mean_C = values_of(statistics.mean_C), invstd = values_of(statistics.invstd_C),
                            weight = values_of(weight_C), sums = values_of(sums_2C);
  std::vector<double> a_C(mean_C.size()), b_C(mean_C.size()), c_C(mean_C.size());
  for (size_t c = 0; c < mean_C.size(); ++c) {
    a_C[c] = invstd[c] * weight[c];
    b_C[c] = -a_C[c] * (invstd[c] * invstd[c]) * (sums[mean_C.size() + c] / pixels);
    c_C[c] = -a_C[c] * (sums[c] / pixels);
  }
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, x.scalar_type(), "batch_norm_input_gradient", [&] {
    const auto mean = repeated<Computed<scalar_t>>(mean_C, rows.width);
    const auto a = repeated<Computed<scalar_t>>(a_C, rows.width), b = repeated<Computed<scalar_t>>(b_C, rows.width),
               c = repeated<Computed<scalar_t>>(c_C, rows.width);
    const scalar_t *values = x.const_data_ptr<scalar_t>(), *gradients = dy.const_data_ptr<scalar_t>();
    const scalar_t* outputs = relu_NCHW.defined() ? relu_NCHW.const_data_ptr<scalar_t>() : nullptr;
    scalar_t* to = dx.mutable_data_ptr<scalar_t>();
    with_relu(outputs, [&](auto follows) {
      for_all_rows(rows, [&](int64_t at, int64_t count, int64_t width) {
        run_vectorised([&]() STRATA_INLINE_LAMBDA {
          combine_gradient<follows()>(values + at, gradients + at, follows() == Relu::kYes ? outputs + at : nullptr, count, width,
                                      mean.data(), a.data(), b.data(), c.data(), to + at);
        });
      });
    });
  });
  return dx;
}

}  // namespace

const BatchNormOps kCpuBatchNorm{true, moments, statistics, normalise, gradient_sums, input_gradient};

const BatchNormOps& batch_norm_ops(torch::Device device) { return device.is_cuda() ? kCudaBatchNorm : kCpuBatchNorm; }

}  // namespace strata
