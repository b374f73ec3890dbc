#include "base/instruction_set.h"
#include "losses/region_maps.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <vector>

namespace strata {
namespace {

constexpr int64_t kVector = kRegionRadius * kRegionRadius;  // length of the vectors
using Matrix = std::array<double, kVector * kVector>;
using Vector = std::array<double, kVector>;

using Four = double __attribute__((vector_size(32)));
using PackedDoubles = double __attribute__((vector_size(32), aligned(8), may_alias));
constexpr int64_t kLanes = 4;

// A map less its mean, so that sums of products keep their digits, and its windows.
struct CentredMap {
  std::vector<double> values;
  int64_t width = 0;
  double mean = 0;

  void load(const double* map, int64_t height, int64_t columns) {
    width = columns;
    values.assign(map, map + height * columns);
    double sum = 0;
    for (const double value : values) sum += value;
    mean = sum / static_cast<double>(values.size());
    for (double& value : values) value -= mean;
  }
  // Component k of the vectors of a row of points.
  const double* component(int64_t row, int64_t k) const {
    return values.data() + (row + k / kRegionRadius) * width + k % kRegionRadius;
  }
};

STRATA_INLINE void load(const double* from, Four& to) { to = *reinterpret_cast<const PackedDoubles*>(from); }

// sums[l] += sum over a row of a * (component l of b's vectors)
STRATA_INLINE void add_products(const double* a, const CentredMap& b, int64_t row, int64_t points, double* sums) {
  std::array<const double*, kVector> component;
  for (int64_t l = 0; l < kVector; ++l) component[l] = b.component(row, l);
  Four totals[kVector] = {};
  int64_t x = 0;
  for (; x + kLanes <= points; x += kLanes) {
    Four left;
    load(a + x, left);
#pragma GCC unroll 9
    for (int64_t l = 0; l < kVector; ++l) {
      Four right;
      load(component[l] + x, right);
      totals[l] += left * right;
    }
  }
  for (int64_t l = 0; l < kVector; ++l) {
    sums[l] += (totals[l][0] + totals[l][1]) + (totals[l][2] + totals[l][3]);
    for (int64_t rest = x; rest < points; ++rest) sums[l] += a[rest] * component[l][rest];
  }
}

Vector component_sums(const CentredMap& map, int64_t rows, int64_t points) {
  Vector sums{};
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < kVector; ++k) {
      const double* component = map.component(row, k);
      for (int64_t x = 0; x < points; ++x) sums[k] += component[x];
    }
  }
  return sums;
}

// sum a_k b_l - (sum a_k) (sum b_l) / n over the n points
Matrix covariance_of(const CentredMap& a, const CentredMap& b, int64_t rows, int64_t points) {
  Matrix matrix{};
  for (int64_t row = 0; row < rows; ++row) {
    run_vectorised([&]() STRATA_INLINE_LAMBDA {
      for (int64_t k = 0; k < kVector; ++k) add_products(a.component(row, k), b, row, points, matrix.data() + k * kVector);
    });
  }
  const Vector of_a = component_sums(a, rows, points), of_b = component_sums(b, rows, points);
  for (int64_t k = 0; k < kVector; ++k) {
    for (int64_t l = 0; l < kVector; ++l) matrix[k * kVector + l] -= of_a[k] * of_b[l] / static_cast<double>(rows * points);
  }
  return matrix;
}

// to[x] += shift + sum over l of weights[l] * (component l of the map's vectors)
STRATA_INLINE void add_combination(const CentredMap& map, int64_t row, int64_t points, const double* weights, double shift,
                                   double* to) {
  std::array<const double*, kVector> component;
  for (int64_t l = 0; l < kVector; ++l) component[l] = map.component(row, l);
  for (int64_t x = 0; x < points; ++x) {
    double sum = shift;
#pragma GCC unroll 9
    for (int64_t l = 0; l < kVector; ++l) sum += weights[l] * component[l][x];
    to[x] += sum;
  }
}

// How a map's gradient follows from those of the covariances: component k of its vectors gets
//   sum over l of (G_kl + G_lk) (p_l - mean p_l) + C_lk (y_l - mean y_l),
// which sums to 0 over the points, so that centring adds nothing.
void add_gradient(const CentredMap& predictions, const CentredMap& labels, const double* of_predictions, const double* of_cross,
                  int64_t rows, int64_t points, double* gradient) {
  Matrix own, cross;
  Vector shift{};
  const Vector sum_p = component_sums(predictions, rows, points), sum_y = component_sums(labels, rows, points);
  for (int64_t k = 0; k < kVector; ++k) {
    for (int64_t l = 0; l < kVector; ++l) {
      own[k * kVector + l] = of_predictions[k * kVector + l] + of_predictions[l * kVector + k];
      cross[k * kVector + l] = of_cross[l * kVector + k];
      shift[k] -= (own[k * kVector + l] * sum_p[l] + cross[k * kVector + l] * sum_y[l]) / static_cast<double>(rows * points);
    }
  }
  for (int64_t row = 0; row < rows; ++row) {
    run_vectorised([&]() STRATA_INLINE_LAMBDA {
      for (int64_t k = 0; k < kVector; ++k) {
        double* to = gradient + (row + k / kRegionRadius) * predictions.width + k % kRegionRadius;
        add_combination(predictions, row, points, own.data() + k * kVector, shift[k], to);
        add_combination(labels, row, points, cross.data() + k * kVector, 0.0, to);
      }
    });
  }
}

// loop(labels, predictions, number) for each map, less its mean.
template <typename Loop>
void for_all_maps(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw, const Loop& loop) {
  const int64_t height = labels_NChw.size(2), width = labels_NChw.size(3), maps = labels_NChw.size(0) * labels_NChw.size(1);
  const double* labels = labels_NChw.const_data_ptr<double>();
  const double* probabilities = probabilities_NChw.const_data_ptr<double>();
  at::parallel_for(0, maps, 1, [&](int64_t begin, int64_t end) {
    CentredMap y, p;
    for (int64_t map = begin; map < end; ++map) {
      y.load(labels + map * height * width, height, width);
      p.load(probabilities + map * height * width, height, width);
      loop(y, p, map);
    }
  });
}

class RegionCovariancesFunction : public torch::autograd::Function<RegionCovariancesFunction> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& labels_NChw,
                                                const torch::Tensor& probabilities_NChw) {
    const int64_t rows = labels_NChw.size(2) - kRegionRadius + 1, points = labels_NChw.size(3) - kRegionRadius + 1;
    const auto matrices = [&] {
      return torch::empty({labels_NChw.size(0), labels_NChw.size(1), kVector, kVector}, labels_NChw.options());
    };
    const torch::Tensor labels = matrices(), cross = matrices(), predictions = matrices();
    const auto put = [](const Matrix& matrix, const torch::Tensor& to, int64_t number) {
      std::copy(matrix.begin(), matrix.end(), to.mutable_data_ptr<double>() + number * kVector * kVector);
    };
    for_all_maps(labels_NChw, probabilities_NChw, [&](const CentredMap& y, const CentredMap& p, int64_t number) {
      put(covariance_of(y, y, rows, points), labels, number);
      put(covariance_of(y, p, rows, points), cross, number);
      put(covariance_of(p, p, rows, points), predictions, number);
    });
    context->save_for_backward({labels_NChw, probabilities_NChw});
    context->mark_non_differentiable({labels});
    return {labels, cross, predictions};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const int64_t height = saved[0].size(2), width = saved[0].size(3);
    const torch::Tensor gradient_NChw = torch::zeros_like(saved[1]);
    const torch::Tensor cross = gradients[1].contiguous(), predictions = gradients[2].contiguous();
    for_all_maps(saved[0], saved[1], [&](const CentredMap& y, const CentredMap& p, int64_t number) {
      add_gradient(p, y, predictions.const_data_ptr<double>() + number * kVector * kVector,
                   cross.const_data_ptr<double>() + number * kVector * kVector, height - kRegionRadius + 1,
                   width - kRegionRadius + 1, gradient_NChw.mutable_data_ptr<double>() + number * height * width);
    });
    return {torch::Tensor(), gradient_NChw};
  }
};

}  // namespace

RegionCovariances region_covariances_on_cpu(const torch::Tensor& labels_NChw, const torch::Tensor& probabilities_NChw) {
  const auto matrices = RegionCovariancesFunction::apply(labels_NChw.contiguous(), probabilities_NChw.contiguous());
  return {matrices[0], matrices[1], matrices[2]};
}

}  // namespace strata
