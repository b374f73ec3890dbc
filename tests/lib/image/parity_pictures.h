#pragma once
// Pictures of parity/*.h5.

#include "image/image.h"
#include "support/hdf5_file.h"

#include <string>

namespace strata::testing {

// height x width (labels) or height x width x 3 bytes.
Image picture(const Hdf5File& file, const std::string& dataset);

}  // namespace strata::testing
