#include "lib/image/parity_pictures.h"

namespace strata::testing {

Image picture(const Hdf5File& file, const std::string& dataset) {
  const std::vector<int64_t> shape = file.shape(dataset);
  Image image(static_cast<int>(shape[0]), static_cast<int>(shape[1]), shape.size() == 3 ? static_cast<int>(shape[2]) : 1);
  image.pixels = file.bytes(dataset);
  return image;
}

}  // namespace strata::testing
