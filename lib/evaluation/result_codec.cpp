#include "evaluation/result_codec.h"

#include "base/error.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace strata {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes numbers off the front of a byte string.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T take() {
    if (rest_.size() < sizeof(T)) throw FormatError("image results end in the middle of a record");
    T value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

ImageResult take_result(Cursor& cursor, size_t cells) {
  ImageResult result;
  result.sample = cursor.take<uint32_t>();
  result.loss = cursor.take<double>();
  result.pixels = cursor.take<int64_t>();
  result.valid_pixels = cursor.take<int64_t>();
  result.confusion.resize(cells);
  for (uint32_t left = cursor.take<uint32_t>(); left > 0; --left) {
    const auto cell = cursor.take<uint32_t>();
    if (cell >= cells) throw FormatError("image results are of a label set with more classes");
    result.confusion[cell] = cursor.take<int64_t>();
  }
  return result;
}

}  // namespace

std::string encode_results(const std::vector<ImageResult>& results) {
  std::string bytes;
  for (const ImageResult& result : results) {
    put(bytes, result.sample);
    put(bytes, result.loss);
    put(bytes, result.pixels);
    put(bytes, result.valid_pixels);
    const auto zeros = std::count(result.confusion.begin(), result.confusion.end(), 0);
    put(bytes, static_cast<uint32_t>(result.confusion.size() - static_cast<size_t>(zeros)));
    for (size_t cell = 0; cell < result.confusion.size(); ++cell) {
      if (result.confusion[cell] == 0) continue;
      put(bytes, static_cast<uint32_t>(cell));
      put(bytes, result.confusion[cell]);
    }
  }
  return bytes;
}

std::vector<ImageResult> decode_results(std::string_view bytes, int num_classes) {
  std::vector<ImageResult> results;
  const size_t cells = static_cast<size_t>(num_classes) * static_cast<size_t>(num_classes);
  for (Cursor cursor(bytes); !cursor.at_end();) results.push_back(take_result(cursor, cells));
  return results;
}

}  // namespace strata
