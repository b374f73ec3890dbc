#include "config/version.h"

#include "comm/mpi_session.h"
#include "config/version_numbers.h"  // in the build tree

#include <fmt/format.h>
#include <torch/version.h>

namespace strata {

std::string version_text() { return STRATA_VERSION "\n"; }

std::string verbose_version_text() {
  struct Part {
    const char* name;
    std::string version;
  };
  std::string text = version_text();
  for (const Part& part :
       {Part{"build", STRATA_BUILD_TYPE}, Part{"compiler", STRATA_COMPILER}, Part{"CUDA", STRATA_CUDA_VERSION},
        Part{"LibTorch", TORCH_VERSION}, Part{"MPI", mpi_library_version()}, Part{"HDF5", STRATA_HDF5_VERSION},
        Part{"Boost", STRATA_BOOST_VERSION}, Part{"libjpeg", "API " STRATA_JPEG_VERSION}, Part{"libpng", STRATA_PNG_VERSION},
        Part{"libdeflate", STRATA_DEFLATE_VERSION}, Part{"zlib", STRATA_ZLIB_VERSION}, Part{"OpenSSL", STRATA_OPENSSL_VERSION}}) {
    text += fmt::format("  {:<10} {}\n", part.name, part.version.empty() ? "unknown" : part.version);
  }
  return text;
}

}  // namespace strata
