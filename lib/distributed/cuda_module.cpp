#include "distributed/cuda_module.h"

#include "base/error.h"
#include "base/process_info.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>

namespace strata {

namespace fs = std::filesystem;

namespace {

std::atomic<const CudaModule*> g_loaded = nullptr;

std::vector<std::string> texts(const std::vector<fs::path>& paths) {
  std::vector<std::string> result;
  for (const fs::path& path : paths) result.push_back(path.string());
  return result;
}

bool exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

CudaSearch missing(CudaAbsence absence, std::string reason) { return {nullptr, absence, std::move(reason)}; }

CudaSearch load(const fs::path& file) {
  // Global: LibTorch's CUDA part registers itself with the CPU part that is loaded already. Never unloaded: what it registered
  // stays.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!library) return missing(CudaAbsence::kNoModule, fmt::format("the CUDA module does not load: {}", dlerror()));
  using Entry = const CudaModule* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kCudaModuleEntry));
  if (!entry)
    return missing(CudaAbsence::kNoModule,
                   fmt::format("{} is not Strata's CUDA module (no {})", file.string(), kCudaModuleEntry));
  g_loaded = entry();
  return {g_loaded, CudaAbsence::kNone, {}};
}

}  // namespace

CudaPlaces default_cuda_places() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  CudaPlaces places;
  places.driver_devices = {"/dev/nvidiactl", "/dev/dxg"};  // the second: Linux under Windows
  places.driver_library = "libcuda.so.1";
  places.modules = {folder / STRATA_LIBDIR / STRATA_CUDA_MODULE, folder / "lib" / STRATA_CUDA_MODULE};
  return places;
}

CudaSearch find_cuda_module(const CudaPlaces& places) {
  if (std::none_of(places.driver_devices.begin(), places.driver_devices.end(), exists)) {
    return missing(CudaAbsence::kNoDriver,
                   fmt::format("there is no NVIDIA driver here (none of {}); a login node, a job without a GPU (Slurm: "
                               "--gpus-per-task=1) or a container started without --nv",
                               fmt::join(texts(places.driver_devices), ", ")));
  }
  if (!dlopen(places.driver_library.c_str(), RTLD_LAZY)) {
    return missing(CudaAbsence::kNoDriver,
                   fmt::format("there is an NVIDIA device, but its driver's library does not load: {}", dlerror()));
  }
  const auto module = std::find_if(places.modules.begin(), places.modules.end(), exists);
  if (module == places.modules.end()) {
    return missing(
        CudaAbsence::kNoModule,
        fmt::format("this Strata has no CUDA module ({} is not there): it was built with STRATA_CUDA=off; build it with "
                    "CUDA, or install the whole prefix",
                    fmt::join(texts(places.modules), ", ")));
  }
  return load(*module);
}

const CudaModule& loaded_cuda_module() {
  if (!g_loaded) throw InternalError("a CUDA tensor without the CUDA module: choose_device() comes first");
  return *g_loaded;
}

torch::Device choose_gpu(const CudaModule& module, int rank_on_node) {
  std::string problem;
  const int gpus = module.count_gpus(problem);
  if (gpus == 0) {
    throw ConfigError(
        fmt::format("the driver shows no GPU that this Strata can use ({}; CUDA_VISIBLE_DEVICES is '{}'). Ask for one (Slurm: "
                    "--gpus-per-task=1), or update the driver where it is too old",
                    problem, environment("CUDA_VISIBLE_DEVICES")));
  }
  const int gpu = rank_on_node % gpus;
  const std::string refusal = module.try_gpu(gpu);
  if (!refusal.empty()) {
    throw ConfigError(fmt::format(
        "GPU {} ({}) does not run LibTorch's code: {}. Strata's own kernels are for compute capabilities {}. For a card older "
        "than LibTorch's list, build against a LibTorch for an older CUDA (STRATA_TORCH and STRATA_CUDA of build.sh)",
        gpu, module.describe_gpu(gpu), refusal, module.architectures));
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(gpu)};
}

}  // namespace strata
