#include "models/foreign_weights.h"

#include "base/error.h"
#include "models/foreign_text.h"
#include "models/pth_tensors.h"

#include <fmt/format.h>

#include <map>

namespace strata {

namespace {

[[noreturn]] void refuse(const PthFile& file, const std::string& what) {
  throw FormatError(fmt::format("{}: {}", file.path().string(), what));
}

bool holds_tensor(const PickleValue& value) {
  for (const auto& [name, entry] : value.entries()) {
    if (entry.as<PickleTensor>()) return true;
  }
  return false;
}

PickleValue find_state(const PthFile& file) {
  const PickleValue root(file.content());
  for (const char* key : {"state_dict", "model_state_dict", "model", "net"}) {
    const auto entry = root.entry(key);
    if (entry && entry->is_dict()) return *entry;
  }
  if (holds_tensor(root)) return root;
  std::string found;
  for (const auto& [name, entry] : root.entries()) {
    constexpr size_t kShown = 300;
    if (found.size() < kShown) found += (found.empty() ? "" : ", ") + printable(name);
  }
  refuse(file, fmt::format("it holds no state dictionary (its entries: {}). Save network.state_dict() with torch.save",
                           found.empty() ? "none" : found));
}

NamedTensors read_state(const PthFile& file, const PickleValue& state, PthTensors& tensors) {
  NamedTensors result;
  for (const auto& [name, value] : state.entries()) {
    auto tensor = tensors.read(value);
    if (!tensor) refuse(file, fmt::format("the entry {} of its state dictionary is not a tensor", printable(name)));
    result.tensors.emplace_back(name, std::move(*tensor));
  }
  if (result.tensors.empty()) refuse(file, "its state dictionary is empty");
  return result;
}

bool is_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var") || name.ends_with(".num_batches_tracked");
}

// PyTorch numbers parameters by their order in the network, which is that of the state dictionary without running statistics.
std::vector<std::string> parameter_names(const NamedTensors& state) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : state.tensors) {
    if (!is_statistic(name)) names.push_back(name);
  }
  return names;
}

// The one group's list of what its optimiser calls the parameters: numbers, in older files addresses.
std::optional<std::vector<std::string>> parameter_ids(const PickleValue& optimizer, std::string& why_not) {
  const auto groups = optimizer.entry("param_groups");
  if (!groups || groups->items().size() != 1) {
    why_not = "its optimizer has not one group of parameters";
    return std::nullopt;
  }
  const PickleValue group = groups->items().front();
  const auto nesterov = group.entry("nesterov"), dampening = group.entry("dampening");
  if (!nesterov || !nesterov->as<bool>() || *nesterov->as<bool>() || !dampening || dampening->number() != 0) {
    why_not = "its optimizer is not stochastic gradient descent without Nesterov and dampening";
    return std::nullopt;
  }
  const auto list = group.entry("params");
  std::vector<std::string> ids;
  for (const PickleValue& item : list ? list->items() : std::vector<PickleValue>()) {
    const auto* id = item.as<int64_t>();
    ids.push_back(id ? std::to_string(*id) : "");
  }
  return ids;
}

void read_momenta(const PickleValue& root, PthTensors& tensors, ForeignWeights& weights) {
  const auto optimizer = root.entry("optimizer");
  if (!optimizer) {
    weights.why_no_momenta = "it has no optimizer";
    return;
  }
  const auto ids = parameter_ids(*optimizer, weights.why_no_momenta);
  if (!ids) return;
  const std::vector<std::string> names = parameter_names(weights.state);
  if (ids->size() != names.size()) {
    weights.why_no_momenta = fmt::format("its optimizer has {} parameters, its state dictionary {}", ids->size(), names.size());
    return;
  }
  std::map<std::string, PickleValue> states;
  if (const auto state = optimizer->entry("state")) {
    for (const auto& [id, value] : state->entries()) states.emplace(id, value);
  }
  NamedTensors momenta;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto state = states.find((*ids)[i]);
    const auto buffer = state == states.end() ? std::nullopt : state->second.entry("momentum_buffer");
    auto momentum = buffer ? tensors.read(*buffer) : std::nullopt;
    if (!momentum || momentum->sizes() != weights.state.find(names[i])->sizes()) {
      weights.why_no_momenta = fmt::format("its optimizer has no momentum of {} with the parameter's shape", printable(names[i]));
      return;
    }
    momenta.tensors.emplace_back(names[i], std::move(*momentum));
  }
  weights.momenta = std::move(momenta);
}

std::optional<int64_t> whole_number(const PickleValue& root, const char* key) {
  const auto entry = root.entry(key);
  const auto* number = entry ? entry->as<int64_t>() : nullptr;
  return number && *number >= 0 ? std::optional(*number) : std::nullopt;
}

ForeignWeights read_pth(const std::filesystem::path& path) {
  const PthFile file(path);
  ForeignWeights weights;
  weights.format = file.form() == PthFile::Form::kZip ? "PyTorch (zip)" : "PyTorch (legacy)";
  PthTensors tensors(file);
  weights.state = read_state(file, find_state(file), tensors);
  const PickleValue root(file.content());
  if (const auto architecture = root.entry("arch")) weights.architecture = architecture->text();
  weights.epoch = whole_number(root, "epoch");
  weights.num_classes = whole_number(root, "num_classes");
  if (const auto mean_iu = root.entry("mean_iu")) weights.mean_iu = mean_iu->number();
  read_momenta(root, tensors, weights);
  return weights;
}

}  // namespace

ForeignWeights read_foreign_weights(const std::filesystem::path& file) {
  if (file.extension() != ".safetensors" && (looks_like_pth(file) || file.extension() == ".pth")) return read_pth(file);
  ForeignWeights weights;
  weights.format = "safetensors";
  weights.state = read_safetensors(file);
  weights.why_no_momenta = "it has no optimizer";
  return weights;
}

}  // namespace strata
