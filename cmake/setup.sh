# Functions that build.sh, test.sh and demo.sh share: what is missing gets installed, nothing is done twice.
# Sourced with the repository root as the working directory.

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# section NAME - the lines of one [NAME] section of dependencies.txt, without comments.
section() { awk -v want="[$1]" '/^\[/ { inside = ($0 == want); next } inside && NF && !/^#/' dependencies.txt; }

# What comes from PyPI lands in folders named after its pins, so that clones share it and a new pin is a new folder.
deps_root=${STRATA_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/strata}
pins_of() { local name; for name in "$@"; do section "$name"; done | sha256sum | cut -c1-12; }
torch_venv=$deps_root/torch-$(pins_of pypi-torch pypi-cuda)
test_venv=$deps_root/test-$(pins_of pypi-test)
toolkit=$torch_venv/cuda

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then sudo "$@"
  else return 1
  fi
}

# The same thing under the names other systems use; printed where we may not install it ourselves.
other_names() {
  cat <<'NAMES'
  Debian/Ubuntu   the packages above, by apt-get install
  RHEL/Rocky      gcc-c++ cmake ninja-build ccache openmpi-devel hdf5-openmpi-devel boost-devel libjpeg-turbo-devel
                  libpng-devel libdeflate-devel json-devel fmt-devel openssl-devel zlib-devel gtest-devel gmock-devel google-benchmark-devel
                  (enable EPEL and CRB)
  conda           gxx cmake ninja ccache openmpi "hdf5=*=mpi_openmpi*" libboost-devel libjpeg-turbo libpng libdeflate nlohmann_json fmt
                  openssl zlib gtest benchmark
  modules         module load GCC CMake Ninja OpenMPI HDF5 Boost (then conda or your own prefix for the rest, through
                  CMAKE_PREFIX_PATH)
NAMES
}

# install_debian_packages SECTION... - installs what dpkg does not list; without root, says what is missing and goes on.
install_debian_packages() {
  local name line missing=() names=()
  command -v dpkg-query >/dev/null || { say "not a Debian system: using the compilers and libraries that are here"; return 0; }
  for name in "$@"; do
    while read -r line; do
      dpkg-query -W -f '${Status}' "${line%%=*}" 2>/dev/null | grep -q 'install ok installed' \
        || { missing+=("$line"); names+=("${line%%=*}"); }
    done < <(section "$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${#missing[@]} Debian packages: ${names[*]}"
  if as_root true; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    say "no root here (and no sudo): these are missing, ask for them or load them another way:"
    printf '    %s\n' "${names[@]}"
    other_names
    say "going on with what is here"
  fi
}

# pip_install VENV SECTION - exactly the pinned wheels, each checked by its SHA-256, without their Python dependencies.
pip_install() {
  local venv=$1 requirements
  [ -x "$venv/bin/pip" ] || { mkdir -p "$(dirname "$venv")"; python3_for_venv -m venv "$venv"; }
  requirements=$(mktemp)
  section "$2" > "$requirements"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements" \
    || fail "pip could not install the wheels of dependencies.txt (network, or disk space or quota in $deps_root?)"
  rm -f "$requirements"
}
# The pinned wheels are for CPython 3.11: the system's own where it is that, else what PATH has.
python3_for_venv() {
  local candidate
  for candidate in /usr/bin/python3 python3.11 python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      "$candidate" "$@"; return
    fi
  done
  fail "LibTorch comes as a wheel for Python 3.11, and there is none with venv here; set STRATA_TORCH to a LibTorch of yours"
}

site_packages() { echo "$torch_venv/lib/python3.11/site-packages"; }

install_torch() {
  [ -z "${STRATA_TORCH:-}" ] || { say "LibTorch: $STRATA_TORCH"; return 0; }
  [ -e "$torch_venv/.torch-complete" ] && return 0
  say "installing LibTorch from PyPI into $deps_root (1-3 minutes, 5 GB)"
  pip_install "$torch_venv" pypi-torch
  touch "$torch_venv/.torch-complete"
}

install_python_test_packages() {
  [ -e "$test_venv/.complete" ] && return 0
  say "installing the second readers that the tests use (h5py, Pillow, safetensors, TensorBoard)"
  pip_install "$test_venv" pypi-test
  touch "$test_venv/.complete"
}

# A toolkit folder composed of PyPI wheels. nvcc looks for its libraries beside its real place, so bin is a copy; the wheels
# lack the bare .so names that linkers want.
install_cuda_toolkit() {
  case ${STRATA_CUDA:-} in
    off) return 0 ;;
    ?*) toolkit=$STRATA_CUDA; say "CUDA toolkit: $toolkit"; return 0 ;;
  esac
  [ -z "${STRATA_TORCH:-}" ] || fail "STRATA_TORCH is set: set STRATA_CUDA too (off, or the toolkit your LibTorch was built with)"
  [ -e "$toolkit/.complete" ] && return 0
  say "installing the CUDA compiler from PyPI"
  pip_install "$torch_venv" pypi-cuda
  local cu library name
  cu=$(site_packages)/nvidia/cu13
  rm -rf "$toolkit"; mkdir -p "$toolkit/lib64/stubs"
  cp -r "$cu/bin" "$toolkit/bin"
  ln -s "$cu/include" "$cu/nvvm" "$toolkit/"
  for library in "$cu"/lib/*.so.* "$cu"/lib/*.a; do
    [ -e "$library" ] || continue
    name=$(basename "$library")
    ln -sf "$library" "$toolkit/lib64/$name"
    case $name in *.so.*) ln -sf "$library" "$toolkit/lib64/${name%%.so.*}.so" ;; esac
  done
  ln -s lib64 "$toolkit/lib"
  touch "$toolkit/.complete"
}

# configure PRESET [CMAKE OPTION...] - CMake with everything above; only where something changed.
configure() {
  local preset=$1 torch cuda=ON stamp options; shift
  torch=${STRATA_TORCH:-$(site_packages)/torch}
  [ "${STRATA_CUDA:-}" != off ] || cuda=OFF
  options=(-DSTRATA_CUDA=$cuda "-DTorch_ROOT=$torch")
  [ $cuda = OFF ] || options+=("-DCMAKE_CUDA_COMPILER=$toolkit/bin/nvcc" "-DCUDAToolkit_ROOT=$toolkit")
  [ ! -e "$test_venv/.complete" ] || options+=("-DSTRATA_PYTHON=$test_venv/bin/python")
  options+=("$@")
  stamp="$preset ${options[*]}"
  [ -e "build/$preset/build.ninja" ] && [ "$(cat "build/$preset/.configured" 2>/dev/null)" = "$stamp" ] && return 0
  say "configuring build/$preset"
  # Another LibTorch or compiler invalidates every cached path.
  rm -f "build/$preset/CMakeCache.txt"
  cmake --preset "$preset" "${options[@]}" >"/tmp/strata-configure.$$" 2>&1 \
    || { cat "/tmp/strata-configure.$$" >&2; rm -f "/tmp/strata-configure.$$"; fail "CMake could not configure (see above)"; }
  rm -f "/tmp/strata-configure.$$"
  printf '%s' "$stamp" > "build/$preset/.configured"
}
