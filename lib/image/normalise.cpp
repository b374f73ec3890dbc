#include "image/normalise.h"

#include "image/normalise_table.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

namespace strata {
namespace {

constexpr NormaliseTable kTable = make_normalise_table();
constexpr int64_t kPixelsPerTask = 1 << 15;

torch::Tensor normalise_on_cpu(const torch::Tensor& images_NCHW) {
  const torch::Tensor images = images_NCHW.contiguous(at::MemoryFormat::ChannelsLast);
  torch::Tensor result = torch::empty(images.sizes(), images.options().dtype(torch::kFloat32), at::MemoryFormat::ChannelsLast);
  const uint8_t* from = images.const_data_ptr<uint8_t>();
  float* to = result.mutable_data_ptr<float>();
  at::parallel_for(0, images.numel() / 3, kPixelsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t i = 3 * begin; i < 3 * end; i += 3) {
      to[i] = kTable.values[from[i]];
      to[i + 1] = kTable.values[256 + from[i + 1]];
      to[i + 2] = kTable.values[512 + from[i + 2]];
    }
  });
  return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(strata, library) { library.def("normalise(Tensor images_NCHW) -> Tensor"); }
TORCH_LIBRARY_IMPL(strata, CPU, library) { library.impl("normalise", normalise_on_cpu); }

torch::Tensor normalise(const torch::Tensor& images_NCHW) {
  TORCH_CHECK(images_NCHW.dim() == 4 && images_NCHW.size(1) == 3 && images_NCHW.scalar_type() == torch::kUInt8,
              "normalise: wants uint8 images of shape N x 3 x H x W, got ", images_NCHW.scalar_type(), " of shape ",
              images_NCHW.sizes());
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("strata::normalise", "").typed<torch::Tensor(const torch::Tensor&)>();
  return operation.call(images_NCHW);
}

}  // namespace strata
