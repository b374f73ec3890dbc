// Numbers computed by the reference implementation.

#include "support/hdf5_file.h"
#include "support/paths.h"
#include "training/optimizer.h"
#include "training/schedule.h"

#include <gtest/gtest.h>

#include <fstream>
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

TEST(SgdParity, TwelveStepsAreTheReferences) {
  const testing::Hdf5File file(testing::shared_dir() / "parity/optimizers.h5");
  const torch::Tensor expected = tensor_of(file, "sgd"), a = tensor_of(file, "A");
  Matrix model(expected[0]);
  OptimizerOptions options;
  options.momentum = 0.9;
  options.weight_decay = 5e-4;
  auto optimizer = make_optimizer(options, *model);
  for (int64_t step = 1; step < expected.size(0); ++step) {
    (torch::matmul(model->w, a).pow(2).sum() + model->w.sum()).backward();
    optimizer->step(0.05);
    EXPECT_TRUE(torch::allclose(model->w, expected[step], 1e-12, 1e-13)) << "after step " << step;
  }
}

TEST(ScheduleParity, EveryPolyRateIsTheReferences) {
  std::ifstream file(testing::shared_dir() / "parity/lr_schedules.csv");
  std::string line;
  std::getline(file, line);
  int compared = 0;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string schedule, power, epoch, rate;
    std::getline(cells, schedule, ',');
    std::getline(cells, power, ',');
    std::getline(cells, epoch, ',');
    std::getline(cells, rate, ',');
    if (schedule != "poly") continue;
    ScheduleOptions options;
    options.epochs = 175;
    options.power = std::stod(power);
    EXPECT_NEAR(learning_rate(options, 0.02, std::stoull(epoch), 0, 1), std::stod(rate), 1e-15) << line;
    ++compared;
  }
  EXPECT_EQ(compared, 2 * 175);
}

}  // namespace
}  // namespace strata
