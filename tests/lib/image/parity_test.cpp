// Against numbers of Pillow 13.0 (parity/README.md).
#include "image/resize.h"
#include "lib/image/parity_pictures.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::Hdf5File;
using testing::picture;

TEST(ImageParity, ResizeIsPillowsByteForByteAtEverySize) {
  const Hdf5File file(testing::shared_dir() / "parity/resize.h5");
  const Image frame = picture(file, "image"), labels = picture(file, "label");
  int sizes = 0;
  for (const std::string& size : file.children("/")) {
    if (!file.has("/" + size + "/bicubic")) continue;
    ++sizes;
    const auto expect_equal = [&](const Image& source, Filter filter, const std::string& name) {
      const Image right = picture(file, size + "/" + name);
      EXPECT_EQ(resize(source, right.height, right.width, filter), right) << size << " " << name;
    };
    expect_equal(frame, Filter::kBicubic, "bicubic");
    expect_equal(frame, Filter::kBilinear, "bilinear");
    expect_equal(labels, Filter::kNearest, "label_nearest");
  }
  EXPECT_EQ(sizes, 6);
}

}  // namespace
}  // namespace strata
