#pragma once
// Batch norm whose statistics are taken over all samples of a group of ranks.

#include "comm/communicator.h"
#include "models/norm_eps.h"

#include <torch/nn/modules/container/any.h>

#include <functional>

namespace strata {

inline constexpr double kNormMomentum = 0.1;  // of the running statistics

// A NormFactory (models/segmentation_model.h) of modules that behave as BatchNorm2d(momentum 0.1, eps 1e-5) over the concatenated
// batch of the ranks of `comm` (Ioffe and Szegedy 2015, algorithm 1): the same names, running variance unbiased over the group,
// input N x C x H x W, float, double, bfloat16 or half; statistics and parameters stay as wide as they are.
//
// In training mode forward and backward are collective, in the network's order, with one message of 1 + 2C and 2C doubles. Ranks
// may hold different numbers of pixels. Sums are taken in double: mean and variance do not depend on how pixels lie on ranks but
// for its rounding (relative error of the variance: 2^-53 (1 + mean^2 / variance)). A group of one rank does the same arithmetic
// without messages. Eval mode is local.
//
// The output is channels-last whatever the input is; channels-last input is fast. Same input and group: same bits, whatever the
// number of threads. ConfigError (78) in training where a channel has one value only. CPU by MPI; CUDA by NCCL, untried on a GPU.
// Messages come from the threads that run forward and backward passes: MPI_THREAD_MULTIPLE where a GradientReducer works beside
// it.
std::function<torch::nn::AnyModule(int64_t channels)> synchronised_batch_norm(const Communicator& comm);

}  // namespace strata
