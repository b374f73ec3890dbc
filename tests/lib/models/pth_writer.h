#pragma once
// Files as torch.save writes them, instruction by instruction, so that tests can write wrong ones, too.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace strata::testing {

// Instructions, to be put one after another.
std::string p_text(const std::string& text);
std::string p_int(int64_t number);
std::string p_float(double number);
std::string p_bool(bool value);
std::string p_none();
std::string p_tuple(const std::vector<std::string>& items);
std::string p_list(const std::vector<std::string>& items);
std::string p_global(const std::string& module, const std::string& name);
std::string p_call(const std::string& callable, const std::vector<std::string>& arguments);
using Entries = std::vector<std::pair<std::string, std::string>>;  // key as text, value as instructions
std::string p_dict(const Entries& entries);
std::string p_ordered_dict(const Entries& entries);
// A numpy number, as the reference's mean IoU.
std::string p_numpy_double(double number);
// With protocol and end.
std::string p_whole(const std::string& object);

struct TensorText {
  std::string storage = "0", type = "FloatStorage";
  int64_t elements = 0;  // of the storage
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};
enum class PthForm { kZip, kLegacy };
std::string p_tensor(const TensorText& tensor, PthForm form);

struct StorageBytes {
  std::string key, bytes;
  int64_t elements = 0;
};
template <typename Number>
std::string raw_bytes(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

// Records stored one after another with descriptors, then the directory and its 64-bit and 32-bit ends.
struct ZipRecordText {
  std::string name, bytes;
};
std::string zip_of(const std::vector<ZipRecordText>& records);

// A whole file. `pickle`: with protocol and end.
std::string pth_of(const std::string& pickle, const std::vector<StorageBytes>& storages, PthForm form);

// A last_checkpoint of the reference in small: epoch, arch, tensors of several types under "module.", momenta, mean IoU.
struct SmallCheckpoint {
  std::string pickle;
  std::vector<StorageBytes> storages;
};
SmallCheckpoint small_checkpoint(PthForm form);

}  // namespace strata::testing
