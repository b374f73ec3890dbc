#pragma once
// What the optimisers share: parameters in groups, tensors beside each, and their way to a checkpoint and back.

#include "training/optimizer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

class StatefulOptimizer : public Optimizer {
 public:
  void step(double lr) override;
  void zero_grad() override;
  NamedTensors state() const override;
  void load_state(const NamedTensors& state) override;

 protected:
  // Parameters that decay alike, and beside each parameter one tensor a slot, 0 before the first step.
  struct Group {
    double weight_decay = 0;
    std::vector<std::string> names = {};
    std::vector<torch::Tensor> parameters = {};
    std::vector<std::vector<torch::Tensor>> slots = {};  // [slot][parameter]
  };
  enum class CountsSteps { kNo, kYes };  // whether the number of steps is part of the state

  StatefulOptimizer(const OptimizerOptions& options, const torch::nn::Module& model, std::vector<std::string> slot_names,
                    CountsSteps counts);

  // Moves the parameters of a group; gradients lie in memory as their parameters do. Without gradient mode. Kernels that walk
  // memory want flat() of everything: of what is not contiguous they make copies, even where all lies alike.
  virtual void update(Group& group, const std::vector<torch::Tensor>& gradients, double lr) = 0;

  static std::vector<torch::Tensor> flat(const std::vector<torch::Tensor>& tensors);  // views of dense tensors as vectors

  const OptimizerOptions& options() const { return options_; }
  // Begins with 1 in the first update(). Where steps are not counted it only tells the first from later ones.
  int64_t step_number() const { return steps_; }

 private:
  std::vector<torch::Tensor> take_gradients(const Group& group) const;
  std::string key(size_t slot, const std::string& parameter) const { return slot_names_[slot] + "." + parameter; }
  const torch::Tensor& saved_slot(const NamedTensors& state, size_t slot, const Group& group, size_t i) const;
  int64_t saved_steps(const NamedTensors& state) const;
  void allocate_slots();

  OptimizerOptions options_;
  std::vector<std::string> slot_names_;
  CountsSteps counts_;
  std::vector<Group> groups_;
  int64_t steps_ = 0;
};

// In files of their own.
std::unique_ptr<Optimizer> make_sgd(const OptimizerOptions& options, const torch::nn::Module& model);
std::unique_ptr<Optimizer> make_adam(const OptimizerOptions& options, const torch::nn::Module& model);
std::unique_ptr<Optimizer> make_radam(const OptimizerOptions& options, const torch::nn::Module& model);

}  // namespace strata
