#include "training/stateful_optimizer.h"

#include <cmath>

namespace strata {
namespace {

constexpr double kShortestAverage = 5;  // below, the variance of the adaptive rate is not tractable

// Letters as in Liu et al. 2020: rho the length of the simple moving average that approximates the exponential one, r the
// rectification.
class Radam : public StatefulOptimizer {
 public:
  Radam(const OptimizerOptions& options, const torch::nn::Module& model)
      : StatefulOptimizer(options, model, {"mean", "mean_square"}, CountsSteps::kYes) {}

 private:
  void update(Group& group, const std::vector<torch::Tensor>& gradients, double lr) override {
    const double beta1 = options().beta1, beta2 = options().beta2;
    auto &means = group.slots[0], &squares = group.slots[1];
    at::_foreach_mul_(means, beta1);
    at::_foreach_add_(means, gradients, 1 - beta1);
    at::_foreach_mul_(squares, beta2);
    at::_foreach_addcmul_(squares, gradients, gradients, 1 - beta2);
    if (group.weight_decay != 0) at::_foreach_mul_(group.parameters, 1 - lr * group.weight_decay);

    const auto t = static_cast<double>(step_number());
    const double rate = lr / (1 - std::pow(beta1, t));
    const double beta2_t = std::pow(beta2, t);
    const double rho_inf = 2 / (1 - beta2) - 1;
    const double rho = rho_inf - 2 * t * beta2_t / (1 - beta2_t);
    if (rho < kShortestAverage) {
      at::_foreach_add_(group.parameters, means, -rate);
      return;
    }
    const double r = std::sqrt((rho - 4) / (rho_inf - 4) * (rho - 2) / (rho_inf - 2) * rho_inf / rho);
    std::vector<torch::Tensor> denominators = at::_foreach_sqrt(squares);
    at::_foreach_add_(denominators, options().eps);
    at::_foreach_addcdiv_(group.parameters, means, denominators, -rate * r * std::sqrt(1 - beta2_t));
  }
};

}  // namespace

std::unique_ptr<Optimizer> make_radam(const OptimizerOptions& options, const torch::nn::Module& model) {
  return std::make_unique<Radam>(options, model);
}

}  // namespace strata
