#pragma once
// The running statistics of a network's batch norms over one optimiser step.

#include "comm/communicator.h"
#include "distributed/batch_plan.h"

#include <torch/nn/module.h>

#include <vector>

namespace strata {

// Each forward pass moves them, also one whose step is skipped afterwards; and where ranks hold different norm groups, each rank
// moves its own. This class takes the former back and makes of the latter what one rank meeting all groups in order would have.
class NormStatistics {
 public:
  // `momentum`: of the norms, r <- (1 - momentum) r + momentum s.
  NormStatistics(const torch::nn::Module& model, const BatchPlan& plan, const Communicator& world, double momentum = 0.1);

  // Local. Remembers the buffers as they are.
  void begin_step();
  // Local. Puts them back.
  void take_back();
  // Collective. After the step's last forward pass: the same on every rank, up to rounding independent of the number of ranks.
  void merge();

 private:
  struct Layer {
    size_t mean, variance, count;  // indices of its buffers
  };

  std::vector<torch::Tensor> buffers_, remembered_;
  std::vector<Layer> layers_;
  Communicator world_;
  double momentum_;
  int chunks_ = 1, chunk_ = 0;    // sets of ranks that met the same groups
  bool speaks_for_chunk_ = true;  // first rank of its chunk
};

}  // namespace strata
