#include "training/checkpoint_broadcast.h"

#include <span>
#include <string>

namespace strata {
namespace {

using Tensors = decltype(NamedTensors::tensors);

nlohmann::json outline_of(const NamedTensors& content) {
  nlohmann::json outline = nlohmann::json::array();
  for (const auto& [name, tensor] : content.tensors) {
    outline.push_back({{"name", name}, {"type", static_cast<int>(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}});
  }
  return outline;
}

Tensors empty_tensors(const nlohmann::json& outline) {
  Tensors tensors;
  for (const auto& entry : outline) {
    const auto type = static_cast<torch::ScalarType>(entry.at("type").get<int>());
    tensors.emplace_back(entry.at("name").get<std::string>(), torch::empty(entry.at("shape").get<std::vector<int64_t>>(), type));
  }
  return tensors;
}

void broadcast_values(Tensors& tensors, const Communicator& world) {
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.cpu().contiguous();
    world.broadcast(std::span(static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()));
  }
}

}  // namespace

std::optional<Checkpoint> broadcast_checkpoint(std::optional<Checkpoint> checkpoint, const Communicator& world) {
  nlohmann::json outline;
  if (checkpoint) {
    outline = {{"generation", checkpoint->generation},
               {"state", checkpoint->state},
               {"model", outline_of(checkpoint->model)},
               {"optimizer", outline_of(checkpoint->optimizer)}};
  }
  outline = nlohmann::json::parse(world.broadcast(outline.dump()));
  if (outline.is_null()) return std::nullopt;
  if (!world.is_root()) {
    checkpoint.emplace();
    checkpoint->generation = outline.at("generation").get<uint64_t>();
    checkpoint->state = outline.at("state");
    checkpoint->model.tensors = empty_tensors(outline.at("model"));
    checkpoint->optimizer.tensors = empty_tensors(outline.at("optimizer"));
  }
  broadcast_values(checkpoint->model.tensors, world);
  broadcast_values(checkpoint->optimizer.tensors, world);
  return checkpoint;
}

}  // namespace strata
