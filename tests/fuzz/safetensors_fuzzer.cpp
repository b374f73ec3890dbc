// Any bytes as a .safetensors file: an Error, or tensors that are the same when written and read again.

#include "base/error.h"
#include "fuzz/input_file.h"
#include "models/safetensors.h"

#include <cstdlib>
#include <cstring>

namespace {

bool same(const torch::Tensor& a, const torch::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         (a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace strata;
  try {
    const std::filesystem::path file = fuzz::as_file("x.safetensors", bytes, size);
    const NamedTensors content = read_safetensors(file);
    write_safetensors(content, file);
    const NamedTensors again = read_safetensors(file);
    if (again.metadata != content.metadata || again.tensors.size() != content.tensors.size()) std::abort();
    for (const auto& [name, tensor] : content.tensors) {
      const torch::Tensor* found = again.find(name);
      if (found == nullptr || !same(*found, tensor)) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
