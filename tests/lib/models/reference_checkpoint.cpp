#include "lib/models/reference_checkpoint.h"

#include "lib/models/pth_writer.h"

namespace strata::testing {

namespace {

class Writer {
 public:
  std::string tensor(const torch::Tensor& tensor) {
    const std::string key = std::to_string(storages_.size());
    const char* type = tensor.scalar_type() == torch::kInt64 ? "LongStorage" : "FloatStorage";
    storages_.push_back({key, {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()}, tensor.numel()});
    return p_tensor({key, type, tensor.numel(), 0, tensor.sizes().vec(), tensor.strides().vec()}, PthForm::kZip);
  }
  std::string file(const std::string& object) const { return pth_of(p_whole(object), storages_, PthForm::kZip); }

 private:
  std::vector<StorageBytes> storages_;
};

bool is_parameter(const std::string& name) { return name.ends_with(".weight") || name.ends_with(".bias"); }

// PyTorch numbers parameters in the order of the network.
std::string optimizer(const ReferenceCheckpoint& checkpoint, Writer& writer) {
  std::string states = "}(";
  std::vector<std::string> numbers;
  for (const auto& [name, tensor] : checkpoint.state.tensors) {
    if (!is_parameter(name)) continue;
    const std::string number = p_int(static_cast<int64_t>(numbers.size()));
    numbers.push_back(number);
    states.append(number).append(p_dict({{"momentum_buffer", writer.tensor(*checkpoint.momenta.find("momentum." + name))}}));
  }
  const std::string group =
      p_dict({{"lr", p_float(0.01)}, {"dampening", p_int(0)}, {"nesterov", p_bool(false)}, {"params", p_list(numbers)}});
  return p_dict({{"state", states.append("u")}, {"param_groups", p_list({group})}});
}

}  // namespace

std::string reference_checkpoint(const ReferenceCheckpoint& checkpoint) {
  Writer writer;
  Entries state;
  for (const auto& [name, tensor] : checkpoint.state.tensors) state.emplace_back("module." + name, writer.tensor(tensor));
  Entries entries = {
      {"epoch", p_int(checkpoint.epoch)}, {"arch", p_text("ocrnet.HRNet_Mscale")}, {"state_dict", p_ordered_dict(state)}};
  if (!checkpoint.momenta.tensors.empty()) entries.emplace_back("optimizer", optimizer(checkpoint, writer));
  return writer.file(p_dict(entries));
}

}  // namespace strata::testing
