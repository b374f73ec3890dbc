#!/usr/bin/env bash
# build.sh - installs what is missing and builds Strata into build/release (executables in build/release/bin).
#
#   ./build.sh                    everything: packages, LibTorch, configure, build
#   ./build.sh --preset asan      another CMake preset (dev, release, asan, cuda)
#   ./build.sh --prefix DIR       also installs into DIR, which can be moved afterwards
#   ./build.sh --tests            also installs what the tests need and builds them
#   ./build.sh --dependencies     only installs what is missing
#
# Environment:
#   STRATA_DEPS=DIR     where LibTorch and the CUDA compiler from PyPI go (default ~/.cache/strata; about 5 GB, 25,000 files)
#   STRATA_TORCH=DIR    a LibTorch of yours (the folder that holds share/cmake/Torch)
#   STRATA_CUDA=off|DIR build without CUDA (needs a CPU LibTorch), or with your toolkit in DIR
#   STRATA_JOBS=N       parallel compile jobs (default: the number of cores)
set -euo pipefail
cd "$(dirname "$0")"
. cmake/setup.sh

preset=release prefix='' with_tests='' only_dependencies=''
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=${2:?--preset needs a name}; shift 2 ;;
    --prefix) prefix=${2:?--prefix needs a directory}; shift 2 ;;
    --tests) with_tests=1; shift ;;
    --dependencies) only_dependencies=1; shift ;;
    -h|--help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "unknown option '$1' (see ./build.sh --help)" ;;
  esac
done

install_debian_packages debian-build ${with_tests:+debian-test}
install_torch
install_cuda_toolkit
[ -z "$with_tests" ] || install_python_test_packages
[ -z "$only_dependencies" ] || exit 0

configure "$preset" ${with_tests:+-DSTRATA_TESTS=ON}
say "building build/$preset"
cmake --build "build/$preset" --parallel "${STRATA_JOBS:-$(nproc)}"
if [ -n "$prefix" ]; then
  say "installing into $prefix"
  cmake --install "build/$preset" --prefix "$prefix" >/dev/null
fi
say "done: executables are in build/$preset/bin"
