// The table of the CUDA module (cuda_module.h). Compiled and linked, untried on a GPU.

#include "distributed/cuda_module.h"
#include "distributed/nccl_backend.h"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

namespace strata {

namespace {

int count_gpus(std::string& problem) {
  int gpus = 0;
  const cudaError_t error = cudaGetDeviceCount(&gpus);
  if (error == cudaSuccess && gpus > 0) return gpus;
  int driver = 0, runtime = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || cudaRuntimeGetVersion(&runtime) != cudaSuccess) driver = runtime = 0;
  problem = fmt::format("{}; the driver serves CUDA up to {}.{}, this Strata uses {}.{}", cudaGetErrorString(error),
                        driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
  return 0;
}

std::string describe_gpu(int gpu) {
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, gpu);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  return fmt::format("{}, compute capability {}.{}", properties.name, properties.major, properties.minor);
}

std::string try_gpu(int gpu) {
  try {
    c10::cuda::set_device(static_cast<c10::DeviceIndex>(gpu));
    const at::Tensor two = at::ones({1}, at::device({at::kCUDA, static_cast<c10::DeviceIndex>(gpu)})) + 1;
    return two.item<float>() == 2 ? "" : "1 + 1 is not 2 there";
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  }
}

}  // namespace

}  // namespace strata

extern "C" const strata::CudaModule* strata_cuda_module() {
  static const strata::CudaModule module{strata::count_gpus, strata::describe_gpu, strata::try_gpu, STRATA_CUDA_ARCHITECTURES,
                                         strata::make_nccl_backend};
  return &module;
}
