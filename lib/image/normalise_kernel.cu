#include "image/normalise_kernel.h"
#include "image/normalise_table.h"

#include <algorithm>

namespace strata {
namespace {

constexpr int kThreads = 256;           // of a block
constexpr int kBlocksPerProcessor = 8;  // enough to hide the latency of memory

__constant__ const NormaliseTable kTable = make_normalise_table();

// Threads of a warp look up different entries, which constant memory would serve one after the other: each block works on a
// copy in shared memory, and goes over the values in strides to make that pay.
__global__ void normalise_kernel(const uint8_t* __restrict__ from, float* __restrict__ to, int64_t count) {
  __shared__ float local[kNormaliseTableSize];
  for (int i = threadIdx.x; i < kNormaliseTableSize; i += kThreads) local[i] = kTable.values[i];
  __syncthreads();
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count; i += stride)
    to[i] = local[256 * (i % 3) + from[i]];
}

}  // namespace

void launch_normalise(const uint8_t* from, float* to, int64_t count, int processors, cudaStream_t stream) {
  const int64_t blocks = std::min<int64_t>((count + kThreads - 1) / kThreads, int64_t{processors} * kBlocksPerProcessor);
  normalise_kernel<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(from, to, count);
}

}  // namespace strata
