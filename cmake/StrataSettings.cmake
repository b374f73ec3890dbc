set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# -fPIC everywhere (not -fPIE for executables): one precompiled header then serves libraries, executables and tests.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fPIC>)
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wshadow;-Wnon-virtual-dtor;-fstack-protector-strong>")
if(CMAKE_BUILD_TYPE STREQUAL Release)
  add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_FORTIFY_SOURCE=2>)
elseif(CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
  add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
endif()
add_link_options(LINKER:-z,relro,-z,now)
if(STRATA_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)  # all code counts what it covers; tests/fuzz brings main()
endif()

# In the build tree executables find LibTorch where it is; installed ones beside themselves (StrataInstall.cmake).
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/libtorch/torch/lib")

find_program(STRATA_CCACHE ccache)
if(STRATA_CCACHE)
  # Precompiled headers need these; the base folder makes hits across clones of the project.
  set(ccache_settings CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
                      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${ccache_settings} ${STRATA_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${STRATA_CCACHE})
endif()
