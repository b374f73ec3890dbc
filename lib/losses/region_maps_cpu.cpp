#include "losses/region_maps.h"
#include "losses/sigmoid_loops.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace strata {
namespace {

constexpr double kShare = 1.0 / (kRegionPool * kRegionPool);  // of a pixel in the point that it is pooled into

// Channels-last logits in strips of rows that one row of points is made of. A last strip of rows that no point reaches.
struct Strips {
  int64_t samples, classes, height, width, point_rows, point_columns;

  explicit Strips(const torch::Tensor& logits_NCHW)
      : samples(logits_NCHW.size(0)),
        classes(logits_NCHW.size(1)),
        height(logits_NCHW.size(2)),
        width(logits_NCHW.size(3)),
        point_rows(height / kRegionPool + 1),
        point_columns(width / kRegionPool + 1) {}

  int64_t count() const { return samples * (point_rows + 1); }
  int64_t sample(int64_t strip) const { return strip / (point_rows + 1); }
  int64_t point_row(int64_t strip) const { return strip % (point_rows + 1); }  // point_rows: none
  int64_t first_row(int64_t strip) const { return std::max<int64_t>(0, point_row(strip) * kRegionPool - kRegionPool / 2); }
  int64_t end_row(int64_t strip) const { return std::min(height, point_row(strip) * kRegionPool + kRegionPool / 2); }
  // Of the first pixel of a row, in units of pixels.
  int64_t pixel(int64_t strip, int64_t row) const { return (sample(strip) * height + row) * width; }
  // May be point_columns: pooled into none.
  static int64_t point_column(int64_t column) { return (column + kRegionPool / 2) / kRegionPool; }
  int64_t row_values() const { return width * classes; }
};

bool counts(int64_t label, int64_t classes) { return label >= 0 && label < classes; }

// One strip, forward. `points_Cw`: labels, then probabilities, [2][point_columns + 1][C], or null; gives the sum of BCE.
template <typename T>
double walk_strip(const Strips& strips, int64_t strip, const T* logits, const int64_t* labels, double* points, T* rows) {
  const int64_t classes = strips.classes, values = strips.row_values();
  double* probabilities = points ? points + (strips.point_columns + 1) * classes : nullptr;
  double bce = 0;
  for (int64_t row = strips.first_row(strip); row < strips.end_row(strip); ++row) {
    const T* z = logits + strips.pixel(strip, row) * classes;
    const int64_t* label = labels + strips.pixel(strip, row);
    run_vectorised([&]() STRATA_INLINE_LAMBDA { sigmoids_and_entropies(z, values, rows, rows + values); });
    for (int64_t x = 0; x < strips.width; ++x) {
      const int64_t point = Strips::point_column(x) * classes;
      const bool counted = counts(label[x], classes);
      const T *sigmoid = rows + x * classes, *entropy = sigmoid + values;
      if (points) {
        for (int64_t c = 0; c < classes; ++c) probabilities[point + c] += (counted ? sigmoid[c] : T(0)) + kProbabilityFloor;
        if (counted) points[point + label[x]] += 1;
      }
      if (!counted) continue;
      double of_pixel = -static_cast<double>(z[x * classes + label[x]]);
      for (int64_t c = 0; c < classes; ++c) of_pixel += entropy[c];
      bce += of_pixel;
    }
  }
  return bce;
}

// [point_columns + 1][C] sums to means in row `row` of C maps.
void scatter_points(const double* points, const Strips& strips, int64_t strip, double* maps) {
  const int64_t map = strips.point_rows * strips.point_columns;
  double* to = maps + strips.sample(strip) * strips.classes * map + strips.point_row(strip) * strips.point_columns;
  for (int64_t c = 0; c < strips.classes; ++c) {
    for (int64_t x = 0; x < strips.point_columns; ++x) to[c * map + x] = points[x * strips.classes + c] * kShare;
  }
}

// BCE summed; `labels_NChw` and `probabilities_NChw` are filled where they are defined.
double walk(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, const torch::Tensor& labels_NChw,
            const torch::Tensor& probabilities_NChw) {
  const Strips strips(logits_NCHW);
  const int64_t points_size = (strips.point_columns + 1) * strips.classes;
  const bool pools = labels_NChw.defined();
  double* maps[2] = {pools ? labels_NChw.mutable_data_ptr<double>() : nullptr,
                     pools ? probabilities_NChw.mutable_data_ptr<double>() : nullptr};
  std::vector<double> sums(static_cast<size_t>(strips.count()));
  AT_DISPATCH_FLOATING_TYPES(logits_NCHW.scalar_type(), "region_maps", [&] {
    const scalar_t* logits = logits_NCHW.const_data_ptr<scalar_t>();
    const int64_t* labels = labels_NHW.const_data_ptr<int64_t>();
    at::parallel_for(0, strips.count(), 1, [&](int64_t begin, int64_t end) {
      std::vector<scalar_t> rows(static_cast<size_t>(2 * strips.row_values()));
      std::vector<double> points(static_cast<size_t>(pools ? 2 * points_size : 0));
      for (int64_t strip = begin; strip < end; ++strip) {
        std::fill(points.begin(), points.end(), 0.0);
        sums[strip] = walk_strip(strips, strip, logits, labels, pools ? points.data() : nullptr, rows.data());
        if (!pools || strips.point_row(strip) == strips.point_rows) continue;
        scatter_points(points.data(), strips, strip, maps[0]);
        scatter_points(points.data() + points_size, strips, strip, maps[1]);
      }
    });
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// One strip, backward: d logits = bce_slope (s - target) + s (1 - s) slope of the point. `slopes`: [point_columns + 1][C] or
// null.
template <typename T>
void walk_strip_back(const Strips& strips, int64_t strip, const T* logits, const int64_t* labels, T bce_slope, const T* slopes,
                     T* gradient) {
  const int64_t classes = strips.classes;
  for (int64_t row = strips.first_row(strip); row < strips.end_row(strip); ++row) {
    const int64_t at = strips.pixel(strip, row);
    const T* z = logits + at * classes;
    T* dz = gradient + at * classes;
    run_vectorised([&]() STRATA_INLINE_LAMBDA { sigmoids(z, strips.row_values(), dz); });
    for (int64_t x = 0; x < strips.width; ++x) {
      T* of_pixel = dz + x * classes;
      const int64_t label = labels[at + x];
      if (!counts(label, classes)) {
        std::fill_n(of_pixel, classes, T(0));
        continue;
      }
      if (slopes) {
        const T* slope = slopes + Strips::point_column(x) * classes;
        for (int64_t c = 0; c < classes; ++c) of_pixel[c] = of_pixel[c] * (bce_slope + (1 - of_pixel[c]) * slope[c]);
      } else {
        for (int64_t c = 0; c < classes; ++c) of_pixel[c] *= bce_slope;
      }
      of_pixel[label] -= bce_slope;
    }
  }
}

// Row of C maps to [point_columns + 1][C], the last column 0.
template <typename T>
void gather_slopes(const double* maps, const Strips& strips, int64_t strip, T* slopes) {
  const int64_t map = strips.point_rows * strips.point_columns;
  const double* from = maps + strips.sample(strip) * strips.classes * map + strips.point_row(strip) * strips.point_columns;
  for (int64_t c = 0; c < strips.classes; ++c) {
    for (int64_t x = 0; x < strips.point_columns; ++x)
      slopes[x * strips.classes + c] = static_cast<T>(from[c * map + x] * kShare);
  }
}

torch::Tensor walk_back(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW, double bce_slope,
                        const torch::Tensor& slopes_NChw) {
  const Strips strips(logits_NCHW);
  torch::Tensor gradient_NCHW = torch::empty_like(logits_NCHW);
  const double* maps = slopes_NChw.defined() ? slopes_NChw.const_data_ptr<double>() : nullptr;
  AT_DISPATCH_FLOATING_TYPES(logits_NCHW.scalar_type(), "region_maps_backward", [&] {
    const scalar_t* logits = logits_NCHW.const_data_ptr<scalar_t>();
    const int64_t* labels = labels_NHW.const_data_ptr<int64_t>();
    scalar_t* gradient = gradient_NCHW.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, strips.count(), 1, [&](int64_t begin, int64_t end) {
      std::vector<scalar_t> slopes(static_cast<size_t>(maps ? (strips.point_columns + 1) * strips.classes : 0));
      for (int64_t strip = begin; strip < end; ++strip) {
        std::fill(slopes.begin(), slopes.end(), scalar_t(0));
        if (maps && strips.point_row(strip) < strips.point_rows) gather_slopes(maps, strips, strip, slopes.data());
        walk_strip_back(strips, strip, logits, labels, static_cast<scalar_t>(bce_slope), maps ? slopes.data() : nullptr,
                        gradient);
      }
    });
  });
  return gradient_NCHW;
}

double slope_of(const torch::Tensor& gradient) { return gradient.defined() ? gradient.item<double>() : 0.0; }

class RegionMapsFunction : public torch::autograd::Function<RegionMapsFunction> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits_NCHW,
                                                const torch::Tensor& labels_NHW) {
    const Strips strips(logits_NCHW);
    const torch::Tensor labels = torch::empty({strips.samples, strips.classes, strips.point_rows, strips.point_columns},
                                              logits_NCHW.options().dtype(torch::kFloat64).memory_format(c10::nullopt));
    const torch::Tensor probabilities = torch::empty_like(labels);
    const double bce = walk(logits_NCHW, labels_NHW, labels, probabilities);
    context->save_for_backward({logits_NCHW, labels_NHW});
    context->set_materialize_grads(false);
    context->mark_non_differentiable({labels});
    return {torch::full({}, bce, logits_NCHW.options()), labels, probabilities};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor slopes = gradients[2].defined() ? gradients[2].contiguous() : torch::Tensor();
    return {walk_back(saved[0], saved[1], slope_of(gradients[0]), slopes), {}};
  }
};

class BceSumFunction : public torch::autograd::Function<BceSumFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& logits_NCHW,
                               const torch::Tensor& labels_NHW) {
    context->save_for_backward({logits_NCHW, labels_NHW});
    return torch::full({}, walk(logits_NCHW, labels_NHW, {}, {}), logits_NCHW.options());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    return {walk_back(saved[0], saved[1], slope_of(gradients[0]), {}), {}};
  }
};

torch::Tensor channels_last(const torch::Tensor& logits_NCHW) { return logits_NCHW.contiguous(at::MemoryFormat::ChannelsLast); }

}  // namespace

RegionMaps region_maps_on_cpu(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW) {
  const auto maps = RegionMapsFunction::apply(channels_last(logits_NCHW), labels_NHW.contiguous());
  return {maps[0], maps[1], maps[2]};
}

torch::Tensor binary_cross_entropy_sum_on_cpu(const torch::Tensor& logits_NCHW, const torch::Tensor& labels_NHW) {
  return BceSumFunction::apply(channels_last(logits_NCHW), labels_NHW.contiguous());
}

}  // namespace strata
