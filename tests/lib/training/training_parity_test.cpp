// Numbers computed by the reference implementation.

#include "support/hdf5_file.h"
#include "support/paths.h"
#include "training/optimizer.h"
#include "training/schedule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace strata {
namespace {

struct MatrixImpl : torch::nn::Module {
  explicit MatrixImpl(const torch::Tensor& start) { w = register_parameter("w", start.clone()); }
  torch::Tensor w;
};
TORCH_MODULE(Matrix);

torch::Tensor tensor_of(const testing::Hdf5File& file, const std::string& name) {
  return torch::tensor(file.doubles(name), torch::kDouble).reshape(file.shape(name));
}

void expect_twelve_steps(const std::string& name, OptimizerOptions::Name kind, double tolerance) {
  const testing::Hdf5File file(testing::shared_dir() / "parity/optimizers.h5");
  const torch::Tensor expected = tensor_of(file, name), a = tensor_of(file, "A");
  Matrix model(expected[0]);
  OptimizerOptions options;
  options.name = kind;
  options.momentum = 0.9;
  options.weight_decay = 5e-4;
  auto optimizer = make_optimizer(options, *model);
  for (int64_t step = 1; step < expected.size(0); ++step) {
    (torch::matmul(model->w, a).pow(2).sum() + model->w.sum()).backward();
    optimizer->step(0.05);
    EXPECT_LE((model->w - expected[step]).abs().max().item<double>(), tolerance) << "after step " << step;
  }
  ASSERT_EQ(expected.size(0), 13);
}

TEST(OptimizerParity, TwelveStepsOfSgdAreTheReferences) { expect_twelve_steps("sgd", OptimizerOptions::Name::kSgd, 1e-12); }
TEST(OptimizerParity, TwelveStepsOfAdamAreTheReferences) { expect_twelve_steps("adam", OptimizerOptions::Name::kAdam, 1e-12); }
TEST(OptimizerParity, TwelveStepsOfRadamAreTheReferences) {
  expect_twelve_steps("radam", OptimizerOptions::Name::kRadam, 2e-6);  // it computes in float32 there, whatever the parameters
}

TEST(ScheduleParity, EveryRateIsTheReferences) {
  std::ifstream file(testing::shared_dir() / "parity/lr_schedules.csv");
  std::string line;
  std::getline(file, line);
  const std::map<std::string, ScheduleOptions::Policy> policies = {{"poly", ScheduleOptions::Policy::kPoly},
                                                                   {"poly2", ScheduleOptions::Policy::kPoly2},
                                                                   {"scl-poly", ScheduleOptions::Policy::kSclPoly}};
  int compared = 0;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string schedule, power, epoch, rate;
    std::getline(cells, schedule, ',');
    std::getline(cells, power, ',');
    std::getline(cells, epoch, ',');
    std::getline(cells, rate, ',');
    ScheduleOptions options;
    options.policy = policies.at(schedule);
    options.poly_step = 110;
    options.switch_epoch = 100;
    options.epochs = 175;
    options.power = std::stod(power);
    EXPECT_NEAR(learning_rate(options, 0.02, std::stoull(epoch), 0, 1), std::stod(rate), 1e-15) << line;
    ++compared;
  }
  EXPECT_EQ(compared, 4 * 175);
}

}  // namespace
}  // namespace strata
