#pragma once
// The device of this rank. CUDA code is a module (libstrata_cuda.so) loaded only where a driver is, so that CPU processes start
// fast and small.

#include "comm/communicator.h"

#include <torch/types.h>

#include <string>

namespace strata {

// "cpu", "cuda", or "auto": cuda where every rank has a usable GPU, else cpu (a log line says why, unless there is no driver at
// all). The GPU is the rank's number on its node modulo the GPUs it sees. Untried on a GPU.
//
// Collective; before the first use of Torch, because LibTorch decides once whether it has CUDA. ConfigError (78), the same on
// every rank, says what is missing: no driver, no module, no GPU, or a GPU for which this LibTorch has no code (with its compute
// capability and the remedy).
torch::Device choose_device(const std::string& request, const Communicator& comm);

}  // namespace strata
