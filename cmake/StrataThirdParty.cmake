# Every dependency, once. Layers link the imported targets by name (StrataLayers.cmake holds who may link what).

set(HDF5_PREFER_PARALLEL TRUE)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(MPI REQUIRED COMPONENTS CXX)
set(Boost_USE_STATIC_LIBS OFF)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options log)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_path(STRATA_DEFLATE_INCLUDE libdeflate.h REQUIRED)
find_library(STRATA_DEFLATE deflate REQUIRED)
add_library(strata_deflate INTERFACE)
target_include_directories(strata_deflate SYSTEM INTERFACE ${STRATA_DEFLATE_INCLUDE})
target_link_libraries(strata_deflate INTERFACE ${STRATA_DEFLATE})
file(STRINGS ${STRATA_DEFLATE_INCLUDE}/libdeflate.h STRATA_DEFLATE_VERSION REGEX "define LIBDEFLATE_VERSION_STRING")
string(REGEX MATCH "[0-9][0-9.]*" STRATA_DEFLATE_VERSION "${STRATA_DEFLATE_VERSION}")
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)            # used header-only: LibTorch brings headers of another version, found first where Torch is used
find_package(Threads REQUIRED)
if(NOT STRATA_LIBFUZZER)                # clang's OpenMP is a package of its own, and no fuzz target computes
  find_package(OpenMP REQUIRED COMPONENTS CXX)
endif()

# Layers see the CPU part of LibTorch only. The CUDA part (hundreds of MB) is linked by one loadable module (lib/distributed/device.h), so
# that processes without a GPU start fast and small.
set(Torch_ROOT "" CACHE PATH "LibTorch: the folder that holds lib/, include/ and share/cmake/Torch")
find_library(STRATA_TORCH_CPU torch_cpu HINTS ${Torch_ROOT}/lib REQUIRED)
find_library(STRATA_TORCH_C10 c10 HINTS ${Torch_ROOT}/lib REQUIRED)
find_path(STRATA_TORCH_INCLUDE ATen/ATen.h HINTS ${Torch_ROOT}/include REQUIRED)
cmake_path(GET STRATA_TORCH_CPU PARENT_PATH STRATA_TORCH_LIBRARY_DIR)
add_library(strata_torch INTERFACE)
target_include_directories(strata_torch SYSTEM INTERFACE
  ${STRATA_TORCH_INCLUDE} ${STRATA_TORCH_INCLUDE}/torch/csrc/api/include)
# at::parallel_for is a template that runs on one thread, without a word, where it is compiled without OpenMP.
target_link_libraries(strata_torch INTERFACE ${STRATA_TORCH_CPU} ${STRATA_TORCH_C10} Threads::Threads
                                             $<TARGET_NAME_IF_EXISTS:OpenMP::OpenMP_CXX>)
target_link_options(strata_torch INTERFACE LINKER:--allow-shlib-undefined)

if(STRATA_CUDA)
  # sm_75 to sm_120 are what the wheel's LibTorch serves.
  set(STRATA_CUDA_ARCHITECTURES "7.5;8.0;8.6;9.0;10.0;12.0+PTX" CACHE STRING "Compute capabilities, or 'native'")
  if(STRATA_CUDA_ARCHITECTURES STREQUAL native)
    execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader OUTPUT_VARIABLE found ERROR_QUIET)
    string(REGEX MATCHALL "[0-9]+\\.[0-9]+" strata_capabilities "${found}")
    list(REMOVE_DUPLICATES strata_capabilities)
    if(NOT strata_capabilities)
      message(FATAL_ERROR "STRATA_CUDA_ARCHITECTURES is 'native', but nvidia-smi shows no GPU here; name them, e.g. 8.0;9.0")
    endif()
  else()
    set(strata_capabilities ${STRATA_CUDA_ARCHITECTURES})
  endif()
  # "9.0" -> "90-real"; "12.0+PTX" -> "120", which keeps the intermediate code for later cards
  string(REGEX REPLACE "([0-9]+)\\.([0-9]+)(;|$)" "\\1\\2-real\\3" CMAKE_CUDA_ARCHITECTURES "${strata_capabilities}")
  string(REGEX REPLACE "([0-9]+)\\.([0-9]+)\\+PTX" "\\1\\2" CMAKE_CUDA_ARCHITECTURES "${CMAKE_CUDA_ARCHITECTURES}")
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 17)             # CMake 3.25 does not know C++20 for this nvcc
  # Its headers alone: FindCUDAToolkit of CMake 3.25.1 fails on CUDA 13, which has no nvToolsExt any more.
  find_path(STRATA_CUDA_INCLUDE cuda_runtime_api.h HINTS ${CUDAToolkit_ROOT}/include ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES} REQUIRED)
  find_library(STRATA_TORCH_CUDA torch_cuda HINTS ${Torch_ROOT}/lib REQUIRED)
  find_library(STRATA_TORCH_C10_CUDA c10_cuda HINTS ${Torch_ROOT}/lib REQUIRED)
  find_path(STRATA_NCCL_INCLUDE nccl.h HINTS ${Torch_ROOT}/../nvidia/nccl/include REQUIRED)
  add_library(strata_torch_cuda INTERFACE)
  target_include_directories(strata_torch_cuda SYSTEM INTERFACE ${STRATA_CUDA_INCLUDE} ${STRATA_NCCL_INCLUDE})
  target_compile_definitions(strata_torch_cuda INTERFACE USE_C10D_NCCL)
  target_compile_options(strata_torch_cuda INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>)
  target_link_libraries(strata_torch_cuda INTERFACE strata_torch ${STRATA_TORCH_CUDA} ${STRATA_TORCH_C10_CUDA})
endif()

# The precompiled headers of everything that uses Torch (strata_use_torch_header). torch/torch.h would bring twice as many templates,
# which every file then has to instantiate: sources include what they need.
file(CONFIGURE OUTPUT strata_torch_header.cpp CONTENT "// carries the precompiled header\n")
add_library(strata_torch_header STATIC ${CMAKE_BINARY_DIR}/strata_torch_header.cpp)
target_link_libraries(strata_torch_header PUBLIC strata_torch fmt::fmt-header-only)
set(torch_headers torch/types.h torch/autograd.h torch/nn/modules/conv.h torch/nn/modules/batchnorm.h torch/nn/modules/container/any.h
                  fmt/format.h)
list(TRANSFORM torch_headers REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:<\\1$<ANGLE-R>>")
target_precompile_headers(strata_torch_header PRIVATE ${torch_headers})

add_library(strata_hdf5 INTERFACE)
target_include_directories(strata_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(strata_hdf5 INTERFACE ${HDF5_LIBRARIES})
