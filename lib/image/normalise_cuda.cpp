// strata::normalise on a CUDA device. Part of the device module (libstrata_cuda.so), which registers it when loaded; the
// operation itself is declared in normalise.cpp. The same table as on processors, so the same bits.

#include "image/normalise_kernel.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <torch/library.h>

namespace strata {
namespace {

at::Tensor normalise_on_cuda(const at::Tensor& images_NCHW) {
  const c10::cuda::CUDAGuard guard(images_NCHW.device());
  const at::Tensor images = images_NCHW.contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor result = at::empty(images.sizes(), images.options().dtype(at::kFloat), at::MemoryFormat::ChannelsLast);
  if (images.numel() == 0) return result;
  launch_normalise(images.const_data_ptr<uint8_t>(), result.mutable_data_ptr<float>(), images.numel(),
                   at::cuda::getCurrentDeviceProperties()->multiProcessorCount, at::cuda::getCurrentCUDAStream());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return result;
}

}  // namespace

TORCH_LIBRARY_IMPL(strata, CUDA, library) { library.impl("normalise", normalise_on_cuda); }

}  // namespace strata
