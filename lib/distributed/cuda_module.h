#pragma once
// What libstrata_cuda.so offers, and how it is found. The rest of the project links no CUDA library.

#include <torch/types.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

// Loading the module also registers the CUDA kernels of LibTorch and of Strata (strata::normalise). Untried on a GPU.
struct CudaModule {
  // GPUs that the driver shows this process. Where it shows none, `problem` says why in CUDA's words.
  int (*count_gpus)(std::string& problem);
  // "NVIDIA H200, compute capability 9.0"
  std::string (*describe_gpu)(int gpu);
  // Makes it the current one and runs a kernel of LibTorch there. Empty where that worked, else what CUDA said.
  std::string (*try_gpu)(int gpu);
  // Compute capabilities that Strata's own kernels were compiled for.
  const char* architectures;
  // Collective over the ranks that share `store` (MpiStore): a connected c10d::ProcessGroupNCCL.
  c10::intrusive_ptr<c10d::Backend> (*make_nccl_backend)(c10::intrusive_ptr<c10d::Store> store, int rank, int ranks,
                                                         torch::Device gpu);
};

// The module's one exported function.
inline constexpr const char* kCudaModuleEntry = "strata_cuda_module";

// Where to look; tests look elsewhere.
struct CudaPlaces {
  std::vector<std::filesystem::path> driver_devices;  // one of them is there where a driver is
  std::string driver_library;
  std::vector<std::filesystem::path> modules;  // the first that exists is loaded
};
CudaPlaces default_cuda_places();

enum class CudaAbsence { kNone, kNoDriver, kNoModule };

struct CudaSearch {
  const CudaModule* module = nullptr;
  CudaAbsence absence = CudaAbsence::kNone;
  std::string reason;  // a sentence where there is no module
};
// Local. Loads the module only where a driver is; a second call finds the loaded one.
CudaSearch find_cuda_module(const CudaPlaces& places);

// The module found last; InternalError where none was.
const CudaModule& loaded_cuda_module();

// The GPU of the rank with this number on its node; ConfigError (78) where there is none that works.
torch::Device choose_gpu(const CudaModule& module, int rank_on_node);

}  // namespace strata
