#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "lib/losses/examples.h"
#include "losses/guarded_cholesky.h"
#include "losses/loss.h"
#include "support/paths.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

using namespace testing;

// The region part of RMI, one loop for each sign in the paper: no tensors, no factorisations, determinants by elimination.
using Matrix = std::array<std::array<double, 9>, 9>;
using Map = std::vector<std::vector<double>>;

Map average_pool_4_with_padding_2(const Map& map) {
  const int height = static_cast<int>(map.size()), width = static_cast<int>(map[0].size());
  Map pooled(static_cast<size_t>(height / 4 + 1), std::vector<double>(static_cast<size_t>(width / 4 + 1)));
  for (int y = -2; y < height + 2 - 3; y += 4) {
    for (int x = -2; x < width + 2 - 3; x += 4) {
      double sum = 0;
      for (int j = y; j < y + 4; ++j) {
        for (int i = x; i < x + 4; ++i) sum += j >= 0 && j < height && i >= 0 && i < width ? map[j][i] : 0;
      }
      pooled[(y + 2) / 4][(x + 2) / 4] = sum / 16;
    }
  }
  return pooled;
}

Matrix covariance(const Map& a, const Map& b) {
  const size_t height = a.size() - 2, width = a[0].size() - 2;
  const auto mean = [&](const Map& map, size_t k) {
    double sum = 0;
    for (size_t y = 0; y < height; ++y) {
      for (size_t x = 0; x < width; ++x) sum += map[y + k / 3][x + k % 3];
    }
    return sum / static_cast<double>(height * width);
  };
  Matrix matrix{};
  for (size_t k = 0; k < 9; ++k) {
    for (size_t l = 0; l < 9; ++l) {
      const double mean_a = mean(a, k), mean_b = mean(b, l);
      for (size_t y = 0; y < height; ++y) {
        for (size_t x = 0; x < width; ++x)
          matrix[k][l] += (a[y + k / 3][x + k % 3] - mean_a) * (b[y + l / 3][x + l % 3] - mean_b);
      }
    }
  }
  return matrix;
}

// Gauss-Jordan with pivoting; returns the determinant and replaces a by its inverse.
double invert(Matrix& a) {
  Matrix inverse{};
  for (size_t i = 0; i < 9; ++i) inverse[i][i] = 1;
  double determinant = 1;
  for (size_t column = 0; column < 9; ++column) {
    size_t pivot = column;
    for (size_t row = column; row < 9; ++row) pivot = std::abs(a[row][column]) > std::abs(a[pivot][column]) ? row : pivot;
    if (pivot != column) determinant = -determinant;
    std::swap(a[pivot], a[column]);
    std::swap(inverse[pivot], inverse[column]);
    const double head = a[column][column];
    determinant *= head;
    for (size_t k = 0; k < 9; ++k) {
      a[column][k] /= head;
      inverse[column][k] /= head;
    }
    for (size_t row = 0; row < 9; ++row) {
      const double factor = a[row][column];
      if (row == column) continue;
      for (size_t k = 0; k < 9; ++k) {
        a[row][k] -= factor * a[column][k];
        inverse[row][k] -= factor * inverse[column][k];
      }
    }
  }
  a = inverse;
  return determinant;
}

double region_part_of(const Map& y, const Map& p) {
  Matrix sigma_y = covariance(y, y), sigma_yp = covariance(y, p), sigma_p = covariance(p, p);
  for (size_t i = 0; i < 9; ++i) sigma_p[i][i] += 5e-4;
  invert(sigma_p);
  for (size_t i = 0; i < 9; ++i) {
    for (size_t j = 0; j < 9; ++j) {
      for (size_t k = 0; k < 9; ++k) {
        for (size_t l = 0; l < 9; ++l) sigma_y[i][j] -= sigma_yp[i][k] * sigma_p[k][l] * sigma_yp[j][l];
      }
    }
    sigma_y[i][i] += 5e-4;
  }
  return 0.5 * std::log(invert(sigma_y));
}

double region_part(const Example& example) {
  const auto logits = example.logits_NCHW.accessor<double, 4>();
  const auto labels = example.labels_NHW.accessor<int64_t, 3>();
  const auto height = static_cast<size_t>(labels.size(1)), width = static_cast<size_t>(labels.size(2));
  double sum = 0;
  for (int64_t n = 0; n < labels.size(0); ++n) {
    for (int64_t c = 0; c < logits.size(1); ++c) {
      Map y(height, std::vector<double>(width)), p = y;
      for (size_t j = 0; j < height; ++j) {
        for (size_t i = 0; i < width; ++i) {
          const int64_t label = labels[n][static_cast<int64_t>(j)][static_cast<int64_t>(i)];
          const double logit = logits[n][c][static_cast<int64_t>(j)][static_cast<int64_t>(i)];
          y[j][i] = label == c ? 1 : 0;
          p[j][i] = (label == kIgnore ? 0 : 1 / (1 + std::exp(-logit))) + 1e-6;
        }
      }
      sum += region_part_of(average_pool_4_with_padding_2(y), average_pool_4_with_padding_2(p));
    }
  }
  return sum / static_cast<double>(labels.size(0)) / 9;
}

TEST(Rmi, IsHalfThePixelPartAndHalfTheLowerBoundOfThePaper) {
  const Example example = make_example(2, 3, 26, 33);
  const double expected = 0.5 * whole_loss(BinaryCrossEntropyLoss(3), example) + 0.5 * region_part(example);
  EXPECT_NEAR(whole_loss(RmiLoss(3), example), expected, 1e-6 * std::abs(expected));
}

TEST(Rmi, SharesOfTwoHalvesAddUpToTheWhole) { expect_shares_add_up(RmiLoss(3), make_example(2, 3, 26, 33)); }

TEST(Rmi, GradientIsTheSlopeOfTheValue) {
  Example example = make_example(1, 2, 24, 24);
  const torch::Tensor gradient = loss_and_gradient(RmiLoss(2), example).second;
  const torch::Tensor direction = gradient / gradient.norm();
  const double step = 1e-2;  // the value is rounded to float32 at its end
  Example ahead = example, behind = example;
  ahead.logits_NCHW = example.logits_NCHW + step * direction;
  behind.logits_NCHW = example.logits_NCHW - step * direction;
  const double slope = (whole_loss(RmiLoss(2), ahead) - whole_loss(RmiLoss(2), behind)) / (2 * step);
  EXPECT_NEAR(slope, gradient.norm().item<double>(), 1e-3 * slope);
}

TEST(Rmi, InSinglePrecisionAgreesWithDouble) {
  Example example = make_example(2, 3, 26, 33);
  const double expected = whole_loss(RmiLoss(3), example);
  example.logits_NCHW = example.logits_NCHW.to(torch::kFloat32).contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_NEAR(whole_loss(RmiLoss(3), example), expected, 1e-4 * std::abs(expected));
}

TEST(Rmi, StaysFiniteWhereAClassIsAbsentAndLogitsAreHuge) {
  Example example = make_example(1, 3, 24, 24);
  example.labels_NHW.fill_(1);
  example.logits_NCHW = example.logits_NCHW * 1e4;
  const auto [value, gradient] = loss_and_gradient(RmiLoss(3), example);
  EXPECT_TRUE(std::isfinite(value));
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
}

TEST(Rmi, ShowsNanLogitsInsteadOfHidingOrThrowing) {
  Example example = make_example(1, 3, 24, 24);
  example.logits_NCHW[0][1][5][5] = std::nan("");
  example.labels_NHW.fill_(1);
  EXPECT_TRUE(std::isnan(whole_loss(RmiLoss(3), example)));
}

TEST(Rmi, TellsItsTwoPartsApart) {
  const Example example = make_example(2, 3, 26, 33);
  const LossTerms terms = RmiLoss(3).terms(example.logits_NCHW, example.labels_NHW, scope_of(example));
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[0].first, "bce");
  EXPECT_EQ(terms[1].first, "rmi");
  EXPECT_NEAR(terms[0].second.item<double>(), 0.5 * whole_loss(BinaryCrossEntropyLoss(3), example), 1e-12);
  EXPECT_NEAR(terms[0].second.item<double>() + terms[1].second.item<double>(), whole_loss(RmiLoss(3), example), 1e-12);
}

// With a negative diagonal nothing is positive definite.
constexpr double kBreaking = -1e6;

TEST(Rmi, WhereEveryTermIsSingularIsThePixelPartAlone) {
  const Example example = make_example(2, 3, 26, 33);
  const auto [value, gradient] = loss_and_gradient(RmiLoss(3, kBreaking), example);
  const auto [expected, expected_gradient] = loss_and_gradient(BinaryCrossEntropyLoss(3), example);
  EXPECT_NEAR(value, expected, 1e-6 * expected);
  EXPECT_LT((gradient - expected_gradient).norm().item<double>(), 1e-6 * expected_gradient.norm().item<double>());
}

TEST(Rmi, SharesAddUpWhereTermsAreSingularToo) { expect_shares_add_up(RmiLoss(3, kBreaking), make_example(2, 3, 26, 33)); }

TEST(Rmi, SaysThatTermsAreSingularOnceAndNotEachStep) {
  ScratchDirectory scratch;
  const auto lines = [&] {
    const std::string text = read_text_file(scratch / "log");
    return std::count(text.begin(), text.end(), '\n');
  };
  log_also_to(scratch / "log");
  const RmiLoss loss(3, kBreaking);
  const Example example = make_example(2, 3, 26, 33);
  for (int step = 0; step < 3; ++step) whole_loss(loss, example);
  EXPECT_EQ(lines(), 1);
  EXPECT_NE(read_text_file(scratch / "log").find("RMI: 6 terms (a class in a sample)"), std::string::npos);

  SingularTerms talkative(0);
  talkative.note(5, 2);
  talkative.note(0, 0);
  EXPECT_EQ(lines(), 2);
  EXPECT_NE(read_text_file(scratch / "log").find("for 2 of them that was not enough and BCE stands in"), std::string::npos);
}

TEST(GuardedCholesky, TriesLargerDiagonalsForThoseMatricesOnlyThatNeedThem) {
  const auto diagonal = [](double a, double b) { return torch::diag(torch::tensor({a, b}, torch::kFloat64)); };
  // N = 1, C = 3: as it is, only with 0.1 on the diagonal, never.
  const torch::Tensor matrices = torch::stack({diagonal(4, 9), diagonal(1, -0.05), diagonal(1, -70)}).unsqueeze(0);
  const GuardedFactor factor = guarded_cholesky(matrices, 1e-2);
  EXPECT_FALSE(factor.all_at_once);
  EXPECT_TRUE(torch::equal(factor.retried_NC, torch::tensor({{false, true, true}})));
  EXPECT_TRUE(torch::equal(factor.failed_NC, torch::tensor({{false, false, true}})));
  const auto square = [&](int64_t c) { return factor.lower_NCDD[0][c].mm(factor.lower_NCDD[0][c].t()); };
  EXPECT_TRUE(torch::allclose(square(0), diagonal(4.01, 9.01), 1e-12));
  EXPECT_TRUE(torch::allclose(square(1), diagonal(1.1, 0.05), 1e-12));
  EXPECT_TRUE(torch::allclose(square(2), diagonal(1, 1)));
}

TEST(Rmi, RefusesLogitsOfAnotherNumberOfClasses) {
  const Example example = make_example(1, 3, 24, 24);
  EXPECT_THROW(whole_loss(RmiLoss(4), example), InternalError);
}

}  // namespace
}  // namespace strata
