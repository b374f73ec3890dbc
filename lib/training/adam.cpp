#include "training/stateful_optimizer.h"

namespace strata {
namespace {

using Names = std::vector<std::string>;

class Adam : public StatefulOptimizer {
 public:
  Adam(const OptimizerOptions& options, const torch::nn::Module& model)
      : StatefulOptimizer(options, model,
                          options.amsgrad ? Names{"mean", "mean_square", "largest_mean_square"} : Names{"mean", "mean_square"},
                          CountsSteps::kYes) {}

 private:
  void update(Group& group, const std::vector<torch::Tensor>& gradients, double lr) override {
    const torch::Tensor step = torch::full({}, step_number(), group.parameters[0].options().dtype(torch::kFloat32));
    const std::vector<torch::Tensor> steps(group.parameters.size(), step);  // one a parameter is what the kernel wants
    const std::vector<torch::Tensor> no_maxima;
    at::_fused_adam_(flat(group.parameters), flat(gradients), flat(group.slots[0]), flat(group.slots[1]),
                     options().amsgrad ? flat(group.slots[2]) : no_maxima, steps, lr, options().beta1, options().beta2,
                     group.weight_decay, options().eps, options().amsgrad,
                     /*maximize=*/false);
  }
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerOptions& options, const torch::nn::Module& model) {
  return std::make_unique<Adam>(options, model);
}

}  // namespace strata
