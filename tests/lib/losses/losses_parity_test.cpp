// Values and gradients of the reference implementation (parity/losses.h5, in double).

#include "losses/loss.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <torch/types.h>

#include <gtest/gtest.h>

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
    const auto valid = labels.ge(0).logical_and(labels.lt(logits.size(1))).sum().item<int64_t>();
    const torch::Tensor value = loss.share(logits, labels, {.valid_pixels = valid, .samples = labels.size(0)});
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

INSTANTIATE_TEST_SUITE_P(Case, LossesOfTheReference,
                         ::testing::Values("all_one_class", "large_logits", "mostly_ignored", "ragged_65", "two_images_19"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace strata
