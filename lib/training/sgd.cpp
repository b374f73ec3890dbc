#include "training/stateful_optimizer.h"

namespace strata {
namespace {

// One pass over each parameter reads weight, gradient and momentum and writes weight and momentum.
class Sgd : public StatefulOptimizer {
 public:
  Sgd(const OptimizerOptions& options, const torch::nn::Module& model)
      : StatefulOptimizer(options, model, {"momentum"}, CountsSteps::kNo) {}

 private:
  void update(Group& group, const std::vector<torch::Tensor>& gradients, double lr) override {
    const std::vector<torch::Tensor> no_momenta;
    at::_fused_sgd_(flat(group.parameters), flat(gradients), options().momentum == 0 ? no_momenta : flat(group.slots[0]),
                    group.weight_decay, options().momentum, lr, /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false,
                    /*is_first_step=*/step_number() == 1);
  }
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const OptimizerOptions& options, const torch::nn::Module& model) {
  return std::make_unique<Sgd>(options, model);
}

}  // namespace strata
