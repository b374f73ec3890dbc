#pragma once
// The kernel behind strata::normalise on a CUDA device; its own file so that nvcc need not read Torch's headers.

#include <cuda_runtime_api.h>

#include <cstdint>

namespace strata {

// `count` bytes in channels-last order (value i is of channel i mod 3) to floats, on `stream` of the current device.
// `processors`: of that device. Errors of the launch are left to cudaGetLastError().
void launch_normalise(const uint8_t* from, float* to, int64_t count, int processors, cudaStream_t stream);

}  // namespace strata
