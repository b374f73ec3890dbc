#include "models/pth_tensors.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {

namespace {

// Tied weights make a file's tensors larger than the file; a hostile one repeats a storage thousands of times.
constexpr uint64_t kMostRepetition = 4;

}  // namespace

torch::ScalarType scalar_type(ElementType type) {
  switch (type) {
    case ElementType::kFloat64:
      return torch::kFloat64;
    case ElementType::kFloat32:
      return torch::kFloat32;
    case ElementType::kFloat16:
      return torch::kFloat16;
    case ElementType::kBFloat16:
      return torch::kBFloat16;
    case ElementType::kInt64:
      return torch::kInt64;
    case ElementType::kInt32:
      return torch::kInt32;
    case ElementType::kInt16:
      return torch::kInt16;
    case ElementType::kInt8:
      return torch::kInt8;
    case ElementType::kUInt8:
      return torch::kUInt8;
    case ElementType::kBool:
      return torch::kBool;
  }
  throw InternalError("an element type without a scalar type");
}

const torch::Tensor& PthTensors::storage(size_t number) {
  const auto known = storages_.find(number);
  if (known != storages_.end()) return known->second;
  const PickleStorage& described = file_.content().storages.at(number);
  torch::Tensor bytes = torch::empty({static_cast<int64_t>(described.elements * element_bytes(described.type))}, torch::kUInt8);
  file_.read_storage(number, {static_cast<std::byte*>(bytes.mutable_data_ptr()), bytes.nbytes()});
  const bool truth = described.type == ElementType::kBool;
  if (truth && bytes.numel() > 0 && bytes.max().item<int>() > 1) {
    throw FormatError(fmt::format("{}: a truth value in storage {} is neither 0 nor 1: the file is damaged",
                                  file_.path().string(), described.key));
  }
  return storages_.emplace(number, bytes.view(scalar_type(described.type))).first->second;
}

std::optional<torch::Tensor> PthTensors::read(const PickleValue& value) {
  const auto* tensor = value.as<PickleTensor>();
  if (!tensor) return std::nullopt;
  bytes_made_ += tensor->elements * element_bytes(file_.content().storages[tensor->storage].type);
  if (bytes_made_ > kMostRepetition * file_.size()) {
    throw FormatError(
        fmt::format("{}: its tensors take more than {} times the memory of the file, so it repeats storages as no "
                    "network does; save it anew",
                    file_.path().string(), kMostRepetition));
  }
  const torch::Tensor& all = storage(tensor->storage);
  return all.as_strided(tensor->sizes, tensor->strides, static_cast<int64_t>(tensor->offset))
      .clone(torch::MemoryFormat::Contiguous);
}

}  // namespace strata
