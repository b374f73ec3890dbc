// Values and gradients of the reference implementation (parity/losses.h5, in double).

#include "losses/image_weighted_cross_entropy.h"
#include "losses/loss.h"
#include "losses/pixel_counts.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <torch/types.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace strata {
namespace {

using namespace testing;

constexpr double kTolerance = 1e-9;
constexpr double kRounded = 1e-6;  // RMI and its pixel part end in a float32 rounding there
constexpr double kGradientTolerance = 1e-7;

torch::Tensor tensor_of(const Hdf5File& file, const std::string& dataset) {
  return torch::tensor(file.doubles(dataset), torch::kFloat64).reshape(file.shape(dataset));
}

class LossesOfTheReference : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_equal(const SegmentationLoss& loss, const std::string& name, double tolerance) {
    const Hdf5File file(shared_dir() / "parity/losses.h5");
    const std::string group = "/" + GetParam();
    const torch::Tensor logits = tensor_of(file, group + "/logits").requires_grad_();
    const torch::Tensor labels = tensor_of(file, group + "/labels").to(torch::kInt64);
    LossScope scope{.samples = labels.size(0), .class_pixels = pixels_of_classes(labels, logits.size(1))};
    scope.valid_pixels = std::accumulate(scope.class_pixels.begin(), scope.class_pixels.end(), int64_t{0});
    scope.ignored_pixels = labels.numel() - scope.valid_pixels;
    const torch::Tensor value = loss.share(logits, labels, scope);
    value.backward();

    const double expected = file.doubles(group + "/" + name + "/loss").at(0);
    EXPECT_NEAR(value.item<double>(), expected, tolerance * std::abs(expected));
    const torch::Tensor gradient = tensor_of(file, group + "/" + name + "/grad");
    const double difference = (logits.grad() - gradient).norm().item<double>();
    EXPECT_LE(difference, kGradientTolerance * gradient.norm().item<double>());
  }

  int64_t classes() const { return Hdf5File(shared_dir() / "parity/losses.h5").shape("/" + GetParam() + "/logits").at(1); }
  // Labels outside the classes are ignored there; one id for all of them here.
  int64_t ignored() const {
    const auto labels = Hdf5File(shared_dir() / "parity/losses.h5").ints("/" + GetParam() + "/labels");
    const auto largest = *std::max_element(labels.begin(), labels.end());
    return largest >= classes() ? largest : 255;
  }
};

TEST_P(LossesOfTheReference, CrossEntropyAgrees) { expect_equal(CrossEntropyLoss(ignored()), "cross_entropy", kTolerance); }
TEST_P(LossesOfTheReference, RmiAgrees) { expect_equal(RmiLoss(classes()), "rmi", kRounded); }
TEST_P(LossesOfTheReference, PixelPartOfRmiAgrees) { expect_equal(BinaryCrossEntropyLoss(classes()), "rmi_bce_only", kRounded); }

TEST_P(LossesOfTheReference, ImageWeightedCrossEntropyAgrees) {
  expect_equal(ImageWeightedCrossEntropyLoss(ignored(), {.source = ImageWeightOptions::Source::kReference}), "image_weighted_ce",
               kRounded);  // class weights are of float32 there
}

INSTANTIATE_TEST_SUITE_P(Case, LossesOfTheReference,
                         ::testing::Values("all_one_class", "large_logits", "mostly_ignored", "ragged_65", "two_images_19"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace strata
