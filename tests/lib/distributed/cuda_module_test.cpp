// The real module: it must load where no GPU is, and say so.

#include "distributed/cuda_module.h"

#include "base/error.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <gmock/gmock.h>

namespace strata {
namespace {

TEST(CudaModule, LoadsAndRegistersItsKernelsOnAMachineWithoutADriver) {
  const CudaSearch search = find_cuda_module({{"/dev/null"}, "libc.so.6", {STRATA_CUDA_MODULE_FILE}});
  ASSERT_NE(search.module, nullptr) << search.reason;
  EXPECT_EQ(&loaded_cuda_module(), search.module);
  EXPECT_THAT(search.module->architectures, ::testing::HasSubstr("8.0"));
  std::string problem;
  if (search.module->count_gpus(problem) == 0) {
    EXPECT_THROW(choose_gpu(*search.module, 0), ConfigError);
    EXPECT_THAT(problem, ::testing::HasSubstr("this Strata uses"));
  } else {
    EXPECT_EQ(choose_gpu(*search.module, 0), torch::Device(torch::kCUDA, 0));
  }
  const auto has_cuda_kernel = [](const char* operation) {
    const auto found = c10::Dispatcher::singleton().findOp({operation, ""});
    return found && found->hasKernelForDispatchKey(c10::DispatchKey::CUDA);
  };
  EXPECT_TRUE(has_cuda_kernel("aten::batch_norm_stats"));
  EXPECT_TRUE(has_cuda_kernel("strata::normalise"));
}

}  // namespace
}  // namespace strata
