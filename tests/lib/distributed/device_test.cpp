#include "distributed/device.h"

#include "base/error.h"
#include "distributed/cuda_module.h"

#include "support/paths.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <mpi.h>

#include <fstream>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A machine with a driver, as far as files can tell; the module is looked for in `module`.
CudaPlaces pretended_driver(const std::filesystem::path& module) { return {{"/dev/null"}, "libc.so.6", {module}}; }

TEST(Device, IsTheCpuWhereItIsAskedFor) { EXPECT_TRUE(choose_device("cpu", Communicator()).is_cpu()); }

TEST(Device, RefusesOtherNames) {
  EXPECT_THAT([] { choose_device("gpu", Communicator()); }, ThrowsMessage<ConfigError>(HasSubstr("cpu, cuda or auto")));
}

TEST(Device, IsTheCpuWithoutADriverAndCudaSaysSo) {
  if (find_cuda_module(default_cuda_places()).absence != CudaAbsence::kNoDriver) return;  // a machine with a GPU
  EXPECT_TRUE(choose_device("auto", Communicator()).is_cpu());
  EXPECT_THAT([] { choose_device("cuda", Communicator()); },
              ThrowsMessage<ConfigError>(HasSubstr("device cuda: there is no NVIDIA driver here")));
}

TEST(CudaModule, IsNotLookedForWithoutADriver) {
  const CudaSearch search = find_cuda_module({{"/dev/no-such-device"}, "libc.so.6", {"/dev/null"}});
  EXPECT_EQ(search.module, nullptr);
  EXPECT_EQ(search.absence, CudaAbsence::kNoDriver);
  EXPECT_THAT(search.reason, HasSubstr("no NVIDIA driver here (none of /dev/no-such-device)"));
}

TEST(CudaModule, IsNotLookedForWithoutTheDriversLibrary) {
  const CudaSearch search = find_cuda_module({{"/dev/null"}, "libno-such-library.so.1", {"/dev/null"}});
  EXPECT_EQ(search.absence, CudaAbsence::kNoDriver);
  EXPECT_THAT(search.reason, HasSubstr("libno-such-library.so.1"));
}

TEST(CudaModule, ThatIsNotInstalledIsNamed) {
  const CudaSearch search = find_cuda_module(pretended_driver("/no/such/module.so"));
  EXPECT_EQ(search.absence, CudaAbsence::kNoModule);
  EXPECT_THAT(search.reason, AllOf(HasSubstr("no CUDA module (/no/such/module.so"), HasSubstr("STRATA_CUDA")));
}

TEST(CudaModule, ThatDoesNotLoadIsNamed) {
  const strata::testing::ScratchDirectory scratch;
  std::ofstream(scratch / "module.so") << "no library";
  EXPECT_THAT(find_cuda_module(pretended_driver(scratch / "module.so")).reason, HasSubstr("does not load"));
}

TEST(CudaModule, ThatIsAnotherLibraryIsNamed) {
  Dl_info some_library;
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&MPI_Wtime), &some_library), 0);
  EXPECT_THAT(find_cuda_module(pretended_driver(some_library.dli_fname)).reason, HasSubstr("is not Strata's CUDA module"));
}

// Machines with GPUs, pretended.
int two_gpus(std::string&) { return 2; }
int no_gpu(std::string& problem) {
  problem = "CUDA driver version is insufficient";
  return 0;
}
std::string describe(int) { return "Tesla V100, compute capability 7.0"; }
std::string works(int) { return ""; }
std::string has_no_code(int) { return "no kernel image is available"; }

TEST(Gpu, IsTheRanksNumberOnItsNodeModuloTheGpus) {
  const CudaModule module{two_gpus, describe, works, "7.5", nullptr};
  EXPECT_EQ(choose_gpu(module, 0), torch::Device(torch::kCUDA, 0));
  EXPECT_EQ(choose_gpu(module, 1), torch::Device(torch::kCUDA, 1));
  EXPECT_EQ(choose_gpu(module, 2), torch::Device(torch::kCUDA, 0));
}

TEST(Gpu, ThatIsNotThereGetsASentence) {
  const CudaModule module{no_gpu, describe, works, "7.5", nullptr};
  EXPECT_THAT([&] { choose_gpu(module, 0); },
              ThrowsMessage<ConfigError>(AllOf(HasSubstr("driver version is insufficient"), HasSubstr("--gpus-per-task"))));
}

TEST(Gpu, WithoutCodeInLibTorchGetsItsCapabilityAndARemedy) {
  const CudaModule module{two_gpus, describe, has_no_code, "7.5;8.0", nullptr};
  EXPECT_THAT([&] { choose_gpu(module, 0); }, ThrowsMessage<ConfigError>(AllOf(HasSubstr("compute capability 7.0"),
                                                                               HasSubstr("7.5;8.0"), HasSubstr("STRATA_TORCH"))));
}

}  // namespace
}  // namespace strata
