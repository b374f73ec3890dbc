// Any bytes as a picture: an Error, or pixels of the size that the header announced, as frame, as labels, and cut into tiles.

#include "base/error.h"
#include "image/codec.h"
#include "image/jpeg_tiles.h"

#include <cstdlib>
#include <span>

namespace {

constexpr int64_t kMostPixels = 4'000'000;  // larger ones are right, and slow

template <typename Decode>
void decode(const Decode& decode_one) {
  try {
    decode_one();
  } catch (const strata::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace strata;
  const std::span<const std::byte> coded(reinterpret_cast<const std::byte*>(bytes), size);
  ImageHeader header;
  try {
    header = read_header(coded, "fuzzed");
  } catch (const Error&) {
    return 0;
  }
  if (int64_t{header.height} * header.width > kMostPixels) return 0;
  const auto require_announced = [&](const Image& image, int channels) {
    if (image.height != header.height || image.width != header.width || image.channels != channels) std::abort();
  };
  decode([&] { require_announced(decode_frame(coded, "fuzzed"), 3); });
  decode([&] { require_announced(decode_labels(coded, "fuzzed"), 1); });
  if (header.codec == Codec::kJpeg) {
    decode([&] {
      for (const JpegTile& tile : cut_jpeg(coded, 64, "fuzzed")) decode_frame(tile.coded, "tile");
    });
  }
  return 0;
}
